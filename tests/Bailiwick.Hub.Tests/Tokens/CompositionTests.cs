using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Tokens;

public sealed class CompositionTests
{
    [Fact]
    public async Task The_registered_services_fit_together()
    {
        await using var temp = await TempDatabase.CreateAsync();
        var services = new ServiceCollection().AddLogging().AddRouting()
            .AddSingleton<Database>(_ => new SqliteDatabase(temp.Database.Path))
            .AddOutbound(new OutboundOptions()).AddVault(temp.Folder).AddAudit(temp.Folder).AddCustomers().AddOperators().AddTokens();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        (await provider.GetRequiredService<VaultKeyring>().OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        (await provider.GetRequiredService<ApiKeyStore>().EnsureOwnerKeyAsync(temp.Folder, CancellationToken.None)).ShouldNotBeNull();
        provider.GetRequiredService<ConnectService>().ShouldNotBeNull();
        provider.GetRequiredService<CustomerImporter>().ShouldNotBeNull();
        var worker = provider.GetServices<IHostedService>().OfType<AuditAnchorWorker>().ShouldHaveSingleItem();
        await worker.StartAsync(CancellationToken.None);
        await worker.StopAsync(CancellationToken.None);

        (await AuditAnchorWriter.ReadAsync(Path.Combine(temp.Folder, AuditAnchorWriter.FileName), CancellationToken.None)).ShouldHaveSingleItem().Size.ShouldBe(1);
    }
}
