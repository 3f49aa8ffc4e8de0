using System.Collections.Concurrent;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Portal.Mail;

/// <summary>What became of a mail.</summary>
internal sealed record SentMail(DateTimeOffset At, string Rule, string Subject, int Recipients, string? Fault);

/// <summary>
/// Sends the mail of new alerts: those raised, not those generated as history, and never updates. Waiting mail is in memory only; what the relay refuses is
/// tried once more and then shown on the page. Thread safe.
/// </summary>
internal sealed class AlertMailer : IDisposable
{
    private const int MaxWaiting = 10_000;
    private const int Remembered = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Channel<(Guid Tenant, MailRule Rule, MailedAlert Alert)> _waiting =
        Channel.CreateBounded<(Guid, MailRule, MailedAlert)>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ConcurrentDictionary<Guid, ConcurrentQueue<SentMail>> _sent = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TwinServices _twin;
    private readonly DefenderPortals _portals;
    private readonly TwinAlerts _alerts;
    private readonly (string Host, int Port)? _relay;
    private readonly Task _worker;

    public AlertMailer(TwinServices twin, DefenderPortals portals, TwinAlerts alerts)
    {
        (_twin, _portals, _alerts) = (twin, portals, alerts);
        _relay = twin.Options.Smtp is { } address ? TwinOptions.ReadRelay(address) : null;
        if (_relay is not null) alerts.Raised += OnRaised;
        _worker = _relay is null ? Task.CompletedTask : Task.Run(WorkAsync, _stop.Token);
    }

    /// <summary>False when the twin was started without a relay: no mail is sent.</summary>
    public bool IsOn => _relay is not null;

    /// <summary>A tenant's last mails, newest first.</summary>
    public IReadOnlyList<SentMail> Sent(Guid tenant) => _sent.TryGetValue(tenant, out var sent) ? [.. sent.Reverse()] : [];

    /// <summary>Sends a rule's test mail at once.</summary>
    /// <returns>Null when the relay took it, else why not.</returns>
    public async Task<string?> SendTestAsync(TwinTenant tenant, MailRule rule, CancellationToken cancellationToken)
    {
        if (_relay is null) return "The twin was started without a mail relay (--smtp), so nothing was sent.";
        var now = _twin.Clock.GetUtcNow();
        using var message = AlertMail.Test(tenant, rule, _twin.SignIn!.Origin, now);
        var fault = await TryAsync(message, cancellationToken);
        Remember(tenant.Id, new SentMail(now, rule.Name, message.Subject, message.To.Count, fault));
        return fault;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _alerts.Raised -= OnRaised;
        _stop.Cancel();
        _waiting.Writer.TryComplete();
    }

    private void OnRaised(Guid tenant, string id)
    {
        var rules = _portals.Of(tenant).MailRules;
        if (rules.Count == 0 || _alerts.FindNewest(tenant, id) is not { } body) return;
        var alert = Read(id, body);
        var now = _twin.Clock.GetUtcNow();
        foreach (var rule in rules.Where(rule => IsFor(_portals.Of(tenant), rule, alert)))
        {
            IReadOnlyList<MailRecipient> recipients = [.. rule.Recipients.Where(recipient => recipient.AddedAt <= now)];
            if (recipients.Count > 0 && !_waiting.Writer.TryWrite((tenant, rule with { Recipients = recipients }, alert))) return;
        }
    }

    /// <summary>True when severity and device group are the rule's; a rule for some groups says nothing about alerts without a device.</summary>
    internal static bool IsFor(PortalState state, MailRule rule, MailedAlert alert) =>
        rule.Severities.Contains(alert.Severity)
        && (rule.DeviceGroups is not { } groups || state.DeviceGroups.Any(group => groups.Contains(group.Id) && group.Name == alert.Group));

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var (tenantId, rule, alert) in _waiting.Reader.ReadAllAsync(_stop.Token))
            {
                if (_twin.Directory.FindTenant(tenantId) is not { } tenant) continue;
                var now = _twin.Clock.GetUtcNow();
                using var message = AlertMail.Of(tenant, rule, alert, _twin.SignIn!.Origin, now);
                var fault = await TryAsync(message, _stop.Token);
                if (fault is not null)
                {
                    await Task.Delay(Pause, _twin.Options.TimeProvider, _stop.Token);
                    fault = await TryAsync(message, _stop.Token);
                }

                Remember(tenantId, new SentMail(now, rule.Name, message.Subject, message.To.Count, fault));
            }
        }
        catch (OperationCanceledException)
        {
            // the twin ends
        }
    }

    private async Task<string?> TryAsync(MailMessage message, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _twin.Options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken, _stop.Token);
        var (host, port) = _relay!.Value;
        try
        {
            using var client = new SmtpClient(host, port);
            await client.SendMailAsync(message, both.Token);
            return null;
        }
        catch (Exception fault) when (fault is SmtpException or IOException or SocketException or FormatException or InvalidOperationException)
        {
            return $"The relay {host}:{port} did not take the mail: {(fault.InnerException ?? fault).Message}";
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return $"The relay {host}:{port} did not answer in {Patience.TotalSeconds} seconds.";
        }
    }

    private void Remember(Guid tenant, SentMail mail)
    {
        var sent = _sent.GetOrAdd(tenant, _ => []);
        sent.Enqueue(mail);
        while (sent.Count > Remembered) sent.TryDequeue(out _);
    }

    private static MailedAlert Read(string id, byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var alert = document.RootElement;
        var line = Pages.AlertLine.Read(body);
        return new MailedAlert(
            id, line.Title, line.SeverityWord, DefenderShape.Text(alert, "category") ?? "", DefenderShape.Text(alert, "detectionSource") ?? "", line.Status,
            Pages.AlertLine.Time(alert, "createdDateTime"), line.Device.Length == 0 ? null : line.Device, line.Group);
    }
}
