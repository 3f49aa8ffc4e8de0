namespace Bailiwick.Twin.Portal;

/// <summary>The portal's one style sheet. On narrow screens tables become lists of cards, each cell under its column's name.</summary>
internal static class PortalStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1c2126; --soft: #57606a; --paper: #fff; --ground: #f2f4f6; --accent: #0b5cad; --on-accent: #fff; --line: #d0d7de; --bad: #a4262c; --bad-ground: #fdecec; --good-ground: #e8f3ec; --warm-ground: #fff5d6; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #a5b0bb; --paper: #1f252b; --ground: #14181c; --accent: #79b8ff; --on-accent: #0d1117; --line: #3d4650; --bad: #ff9a94; --bad-ground: #3a1d1d; --good-ground: #17301f; --warm-ground: #3a3115; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
        a { color: var(--accent); }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem .6rem; }
        .brand { margin: 0; padding: .4rem 1rem; font-size: .85rem; background: var(--ink); color: var(--paper); } .brand span { float: right; opacity: .85; }
        header { display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; align-items: center; background: var(--paper); border-bottom: 1px solid var(--line); padding: .6rem 1rem; }
        .tenant b { font-size: 1.1rem; } small, .soft { color: var(--soft); font-size: .85rem; }
        nav { display: flex; gap: .25rem; } nav a { padding: .35rem .7rem; border-radius: 4px; text-decoration: none; } nav a[aria-current] { background: var(--accent); color: var(--on-accent); }
        .person { margin: 0 0 0 auto; display: flex; gap: .8rem; align-items: center; font-size: .9rem; }
        main { max-width: 72rem; margin: 0 auto; padding: 1.2rem 1rem 3rem; }
        h1 { font-size: 1.5rem; margin: .2rem 0 1rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .6rem; }
        section, .card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.2rem; margin: 0 0 1rem; } section > h2:first-child { margin-top: 0; }
        .fault, .notice, .warn { border-radius: 6px; padding: .7rem 1rem; margin: 0 0 1rem; border-left: 4px solid; }
        .fault { background: var(--bad-ground); border-color: var(--bad); } .notice { background: var(--good-ground); border-color: #2e8b57; } .warn { background: var(--warm-ground); border-color: #b58900; }
        table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; } th, td { text-align: left; vertical-align: top; padding: .5rem .7rem; border-bottom: 1px solid var(--line); } th { font-size: .85rem; color: var(--soft); font-weight: 600; } tr:last-child td { border-bottom: 0; }
        form { margin: 0; } label { display: block; margin: .7rem 0; font-weight: 600; } label.check { font-weight: 400; display: flex; gap: .5rem; align-items: baseline; margin: .35rem 0; }
        input[type=text], input[type=number], textarea, select { display: block; width: 100%; max-width: 36rem; font: inherit; font-weight: 400; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); color: inherit; } textarea { min-height: 5rem; }
        fieldset { border: 1px solid var(--line); border-radius: 6px; margin: .9rem 0; padding: .5rem 1rem .8rem; } legend { font-weight: 600; padding: 0 .3rem; }
        button, .button { font: inherit; display: inline-block; text-decoration: none; padding: .4rem 1rem; border: 1px solid var(--accent); border-radius: 4px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
        button.quiet, .button.quiet { background: none; color: inherit; border-color: var(--line); } button.danger { background: none; color: var(--bad); border-color: var(--bad); }
        .row { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: end; margin: .6rem 0; } .row label { margin: 0; } .row select { width: auto; }
        .acts { display: flex; flex-wrap: wrap; gap: .4rem; } form.acts { flex-wrap: nowrap; } .acts button, .acts .button { padding: .2rem .6rem; font-size: .9rem; }
        .rule { display: grid; grid-template-columns: 9rem 9rem 1fr; gap: .4rem .6rem; margin: .4rem 0; } .rule input, .rule select { max-width: none; }
        .sev { display: inline-block; min-width: 5.5rem; padding: .05rem .5rem; border-radius: 999px; border: 1px solid currentColor; font-size: .85rem; text-align: center; } .sev-high { color: #b3261e; } .sev-medium { color: #a15c00; } .sev-low { color: #6b6a00; } .sev-informational, .sev-unknown { color: var(--soft); }
        @media (prefers-color-scheme: dark) { .sev-high { color: #ff8a80; } .sev-medium { color: #ffb86b; } .sev-low { color: #e0d96b; } }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; } dd { min-width: 0; } code, .secret { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; } .secret { display: block; background: var(--ground); border: 1px dashed var(--line); padding: .6rem .8rem; border-radius: 4px; user-select: all; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; } .tiles .card { margin: 0; } .tiles h2 { margin: 0 0 .3rem; }
        .told { white-space: pre-line; } .sev { white-space: nowrap; } td.lead small { font-weight: 400; } .pages { display: flex; gap: 1rem; margin: 1rem 0; } ol.story, ul.plain { padding-left: 1.2rem; margin: .3rem 0; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        @media (max-width: 640px) {
          .brand span { float: none; display: block; } .person { margin-left: 0; width: 100%; justify-content: space-between; }
          main { padding: 1rem .7rem 2rem; } section, .card { padding: .8rem; }
          table, tbody, tr, td { display: block; border: 0; background: none; } thead { position: absolute; left: -999px; }
          tr { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 .7rem; padding: .4rem .2rem; } td { padding: .25rem .7rem; border: 0; } td[data-name]:not(:empty)::before { content: attr(data-name) ": "; color: var(--soft); font-size: .85rem; } td.lead { font-weight: 600; }
          dl { grid-template-columns: 1fr; gap: 0; } dd { margin: 0 0 .5rem; } .rule { grid-template-columns: 1fr 1fr; } .rule input { grid-column: 1 / -1; }
        }
        """;
}
