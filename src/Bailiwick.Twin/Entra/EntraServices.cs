using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra;

/// <summary>What the parts of sign-in share.</summary>
internal sealed record EntraServices(TwinDirectory Directory, TwinSwitches Switches, TwinClock Clock, TwinOptions Options, GrantStore Grants, SigningKey Key, IssuerNames Issuers, TokenIssuer Tokens, ConsentRules Consent, TwinAuditLog Audit, TwinRandom Random);
