namespace Bailiwick.Server;

internal static class ServerMarker;
