namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>What a value can be looked for as.</summary>
internal enum RelatedKind : byte
{
    None,
    Hash,
    Host,
    Ip,
    User,
}

/// <summary>Which values of a record are indicators, whatever entry holds them.</summary>
internal static class RelatedValues
{
    private static readonly RelatedKind[] s_kinds = Kinds();

    public static RelatedKind KindOf(AlertField field) => s_kinds[(int)field];

    /// <summary>Whether the text is what its place promises.</summary>
    public static bool IsFit(AlertField field, RelatedKind kind, ReadOnlySpan<byte> text) => kind switch
    {
        RelatedKind.Ip => JsonText.IsAddress(text),
        RelatedKind.Hash when field == AlertField.RelatedHash => IsHash(text),
        _ => true,
    };

    private static bool IsHash(ReadOnlySpan<byte> text)
    {
        if (text.Length is not (32 or 40 or 64)) return false;
        foreach (var one in text)
        {
            if (!char.IsAsciiHexDigit((char)one)) return false;
        }

        return true;
    }

    private static RelatedKind[] Kinds()
    {
        var kinds = new RelatedKind[(int)AlertField.Count];
        Set(RelatedKind.Hash, AlertField.Sha1, AlertField.Sha256, AlertField.Md5, AlertField.ParentSha1, AlertField.ParentSha256, AlertField.RelatedHash);
        Set(RelatedKind.Host, AlertField.DeviceDnsName, AlertField.HostName, AlertField.RelatedHost);
        Set(RelatedKind.Ip, AlertField.IpAddress, AlertField.SourceIp, AlertField.DestinationIp, AlertField.DeviceIp, AlertField.ExternalIp, AlertField.RelatedIp);
        Set(RelatedKind.User, AlertField.AccountName, AlertField.UserPrincipalName, AlertField.UserSid, AlertField.UserDirectoryId, AlertField.MailboxAddress,
            AlertField.LoggedOnUser, AlertField.RelatedUser);
        return kinds;

        void Set(RelatedKind kind, params ReadOnlySpan<AlertField> fields)
        {
            foreach (var field in fields) kinds[(int)field] = kind;
        }
    }
}
