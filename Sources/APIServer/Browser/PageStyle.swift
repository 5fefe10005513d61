/// How the pages look. The one sheet is part of each page: there is nothing to load.
enum PageStyle {
    static let sheet: HTMLText = """
        :root{color-scheme:light dark;--ground:#f4f5f8;--card:#fff;--ink:#161a22;--soft:#565f6e;--line:#e3e6ec;\
        --green:#11683a;--green-field:#e2f4e9;--grey:#4a5465;--grey-field:#eceff3;--amber:#7d5000;\
        --amber-field:#fcf0d6;--red:#ae231b;--red-field:#fde9e7}
        @media(prefers-color-scheme:dark){:root{--ground:#0f1115;--card:#181b21;--ink:#eceef2;--soft:#a5adba;\
        --line:#2b303a;--green:#74dca0;--green-field:#15301f;--grey:#bac2cf;--grey-field:#282d37;--amber:#efc468;\
        --amber-field:#33280f;--red:#ff9f97;--red-field:#3a1b19}}
        *{box-sizing:border-box;margin:0}
        body{min-height:100vh;min-height:100dvh;display:grid;grid-template:1fr auto/minmax(0,27rem);\
        place-content:stretch center;align-items:center;gap:1.5rem;padding:1.5rem;background:var(--ground);\
        color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;\
        -webkit-text-size-adjust:100%}
        main{padding:2.75rem 2.25rem 2.25rem;border:1px solid var(--line);border-radius:1.25rem;background:var(--card);\
        text-align:center;overflow-wrap:anywhere;box-shadow:0 1px 2px #0000000d,0 16px 40px -16px #00000026}
        svg{display:block;width:4rem;height:4rem;padding:.9375rem;margin:0 auto 1.25rem;border-radius:50%;fill:none;\
        stroke:currentColor;stroke-width:2.5;stroke-linecap:round;stroke-linejoin:round}
        .success svg{color:var(--green);background:var(--green-field)}
        .refusal svg{color:var(--grey);background:var(--grey-field)}
        .warning svg{color:var(--amber);background:var(--amber-field)}
        .failure svg{color:var(--red);background:var(--red-field)}
        h1{margin-bottom:.625rem;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.012em}
        h1,p{text-wrap:balance}
        p{color:var(--soft)}
        .next{margin-top:1rem;color:var(--ink);font-weight:550}
        [role=status]:last-child{padding-bottom:.75rem}
        dl{display:grid;gap:.375rem;margin-top:2rem;padding:.875rem 1rem;border-radius:.75rem;background:var(--ground);\
        font-size:.875rem;text-align:start}
        dl div{display:flex;align-items:baseline;gap:1rem}
        dt{flex:0 0 4rem;color:var(--soft)}
        dd{flex:1;min-width:0;overflow:hidden}
        code{font:.8125rem/1.6 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
        footer{text-align:center;color:var(--soft);font-size:.8125rem;letter-spacing:.02em}
        @media(max-width:30rem){body{padding:1rem}main{padding:2rem 1.25rem 1.25rem}h1{font-size:1.375rem}}
        @media(forced-colors:active){main,dl{border:1px solid}[class] svg{border:2px solid;color:CanvasText;\
        background:none}}
        @media(prefers-reduced-motion:no-preference){main{animation:rise .4s ease-out}\
        path{stroke-dasharray:1;animation:draw .4s .15s ease-out backwards}\
        @keyframes rise{from{opacity:0;transform:translateY(.5rem)}}@keyframes draw{from{stroke-dashoffset:1}}}
        """

    /// The SHA-256 of ``sheet`` in Base64, by which the policy lets it in and no other.
    static let hash = "7dfM7Ij+JkWHjChSzWU9rMRn2wsIQVDwiXE6nQwXyvY="
}
