using Bailiwick.Testing;
using Microsoft.Playwright;
using Xunit;

namespace Bailiwick.EndToEnd.Tests.Browser;

/// <summary>Debian's Chromium without a screen. Each <see cref="OpenAsync"/> is a person of their own: no cookies in common.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where pictures go: <c>artifacts/screens</c>, which is no part of the repository.</summary>
    public static string Screens => Directory.CreateDirectory(Repository.Path("artifacts", "screens")).FullName;

    public async Task InitializeAsync()
    {
        if (!File.Exists(Executable)) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
        });
    }

    /// <summary>A new person's browser.</summary>
    /// <exception cref="SkipException">Chromium is not installed.</exception>
    public async Task<IPage> OpenAsync(int width = 1280)
    {
        Skip.If(_browser is null, $"needs {Executable} (Debian: chromium)");
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        return await context.NewPageAsync();
    }

    /// <summary>Keeps a picture of the whole page for people to look at.</summary>
    public static Task KeepAsync(IPage page, string name) => page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screens, name + ".png"), FullPage = true });

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
