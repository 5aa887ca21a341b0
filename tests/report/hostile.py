"""Texts that attack whatever shows them; each would set the marker or act if it came through."""

from __future__ import annotations

MARKER = "document.documentElement.dataset.pwned='yes'"

MARKUP = (
    f"<script>{MARKER}</script>",
    f"</style></script></title></textarea><script>{MARKER}</script>",
    f'"><img src=x onerror="{MARKER}">',
    f"' onmouseover='{MARKER}' x='",
    f"<svg onload={MARKER}><style>*{{display:none}}</style>",
    f'<a href="javascript:{MARKER}">press</a>',
    f"<iframe srcdoc='<script>parent.{MARKER}</script>'></iframe>",
    "<base href='https://example.invalid/'><link rel=stylesheet href='https://example.invalid/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} {{ self.__init__.__globals__ }}",
    "]]> <!-- --> <!ENTITY x SYSTEM 'file:///etc/passwd'> &amp; &lt;b&gt; &#60;i&#62;",
)

TERMINAL = (
    "\x1b[31mred\x1b[0m \x1b[2J\x1b[H",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]8;;https://example.invalid\x1b\\link\x1b]8;;\x1b\\",
    "\x1bPq unterminated",
    "\x9b31m C1 \x90 \x85 next line",
    "back\b\b\b\bspace \r carriage \x00 nul \x7f delete",
    "[bold red]markup[/] [link=https://example.invalid]x[/link] [/nothing]",
)

EYES = (
    "user\u202enimda\u202c \u2066isolate\u2069 \u200emark\u200f \u061c",
    "zero\u200bwidth\u200d\u2060\ufeff soft\u00adhyphen no-break\u00a0space",
    "line\u2028separator paragraph\u2029separator",
    "tags \U000e0068\U000e0069 selectors \U000e0101 filler \u3164 braille \u2800",
    "Z\u0351\u036b\u0343a\u0300\u0301\u0302\u0303\u0304l\u0335\u0321g\u0322o" * 3,
    "\u0301 starts with a combining mark; lone \ud800 surrogate \udfff",
    "مرحبا بالعالم 👩\u200d👩\u200d👧 日本語 Ünïcödé",
)

COMMANDS = (
    "::error file=x::forged\n::set-output name=a::b",
    "##[error]forged %0A::warning::forged",
    "a | b || c \\| d `code` *bold* _em_ [x](javascript:alert(1)) ![x](https://example.invalid/p.png)",
    "# heading\n\n- list\n\n---\n@everyone #123 https://example.invalid www.example.invalid",
    "=cmd|' /C calc'!A0 +1+1 -1 @SUM(1)",
    "\ufffe\uffff \x0b\x0c ill-formed for XML",
)

ALL = MARKUP + TERMINAL + EYES + COMMANDS
