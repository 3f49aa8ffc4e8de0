namespace Bailiwick.Twin.World;

/// <summary>One service that a licence switches on. Source of the ids: licensing-service-plan-reference, 2025.</summary>
/// <param name="Id">Service plan id, the same in every tenant: what a client should look for.</param>
/// <param name="Name">Such as <c>AAD_PREMIUM_P2</c>.</param>
/// <param name="Service">As <c>assignedPlans</c> names it.</param>
public sealed record TwinServicePlan(Guid Id, string Name, string Service);

/// <summary>What a tenant bought.</summary>
/// <param name="Id">SKU id.</param>
/// <param name="PartNumber">Such as <c>AAD_PREMIUM_P2</c>.</param>
/// <param name="Plans">What it switches on.</param>
public sealed record TwinSku(Guid Id, string PartNumber, IReadOnlyList<TwinServicePlan> Plans);

/// <summary>The licences a tenant has: its edition of Entra ID, and Defender for Endpoint.</summary>
public static class TwinLicences
{
    private static readonly TwinServicePlan P1 = new(new("41781fb2-bc02-4b7c-bd55-b576c07bb09d"), "AAD_PREMIUM", "AADPremiumService");
    private static readonly TwinServicePlan P2 = new(new("eec0eb4f-6444-4f95-aba0-50c24d67f998"), "AAD_PREMIUM_P2", "AADPremiumService");
    private static readonly TwinServicePlan Governance = new(new("e866a266-3cff-43a3-acca-0c90a7e00c8b"), "Entra_Identity_Governance", "AADPremiumService");
    private static readonly TwinServicePlan Defender = new(new("871d91ec-ec1a-452b-a83f-bd76c7d770ef"), "WINDEFATP", "WindowsDefenderATP");

    private static readonly TwinSku P1Sku = new(new("078d2b04-f1bd-4111-bbd4-b4b1b354cef4"), "AAD_PREMIUM", [P1]);
    private static readonly TwinSku P2Sku = new(new("84a661c4-e949-4bd2-a560-ed7766fcaf2b"), "AAD_PREMIUM_P2", [P1, P2]);

    /// <summary>Its id is the twin's own: the page read lists none.</summary>
    private static readonly TwinSku GovernanceSku = new(new("c0de0001-0000-4000-8000-e866a2663cff"), "Microsoft_Entra_ID_Governance", [Governance]);
    private static readonly TwinSku DefenderSku = new(new("111046dd-295b-4d6d-9724-d52ac90bd1f2"), "WIN_DEF_ATP", [Defender]);

    /// <summary>What a tenant bought; empty for a free tenant without Defender.</summary>
    public static IReadOnlyList<TwinSku> Of(TwinTenant tenant)
    {
        IReadOnlyList<TwinSku> entra = tenant.Plan switch { EntraPlan.Free => [], EntraPlan.P1 => [P1Sku], EntraPlan.P2 => [P2Sku], _ => [P2Sku, GovernanceSku] };
        return tenant.DefenderLicensed ? [.. entra, DefenderSku] : entra;
    }
}
