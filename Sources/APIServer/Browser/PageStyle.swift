/// How the pages look. The one sheet is part of each page: there is nothing to load.
enum PageStyle {
    static let sheet = """
        :root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#16181d;--soft:#5b6270;--line:#e2e5ea;\
        --good:#137a3e;--calm:#8a5a00;--bad:#b3261e}
        @media(prefers-color-scheme:dark){:root{--ground:#101216;--card:#1a1d23;--ink:#eceef2;--soft:#a3abb9;\
        --line:#2c313a;--good:#5fd38d;--calm:#e8b85a;--bad:#ff8a80}}
        *{box-sizing:border-box;margin:0}
        body{min-height:100vh;min-height:100dvh;display:grid;grid-template-rows:1fr auto;place-items:center;padding:1.5rem;\
        background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%}
        main{width:100%;max-width:27rem;padding:2.5rem 2.25rem;border:1px solid var(--line);border-radius:1rem;\
        background:var(--card);text-align:center;overflow-wrap:anywhere;\
        box-shadow:0 1px 2px rgb(0 0 0/.05),0 12px 32px -12px rgb(0 0 0/.14)}
        svg{fill:none;stroke:currentColor;stroke-width:2.75;stroke-linecap:round;stroke-linejoin:round;margin-bottom:1.25rem}
        circle{stroke-width:2;opacity:.35}
        .success svg{color:var(--good)}.refusal svg{color:var(--calm)}.failure svg{color:var(--bad)}
        h1{font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.011em;margin-bottom:.75rem}
        .next{margin-top:.75rem;color:var(--soft)}
        dl{margin-top:1.75rem;padding-top:1.25rem;border-top:1px solid var(--line);font-size:.875rem;text-align:start}
        dl div{display:flex;gap:1rem;padding:.15rem 0}
        dt{flex:0 0 4.5rem;color:var(--soft)}
        dd{flex:1;font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.8125rem;line-height:1.7}
        footer{margin-top:1.5rem;color:var(--soft);font-size:.8125rem;letter-spacing:.02em}
        @media(max-width:30rem){body{padding:1rem}main{padding:2rem 1.5rem}}
        @media(forced-colors:active){main{border-color:CanvasText}}
        """

    /// The SHA-256 of ``sheet`` in Base64, by which the policy lets it in and no other.
    static let hash = "b2KmCqq6XLaLU4gdPAfQtLGaA/5WaYTVV8zbq2iglsQ="
}
