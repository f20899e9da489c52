"""`clean`: HTML that may hold what somebody else wrote, without what runs. The only sanitiser there is.

Tags stay: authors and, through `datatype: raw`, mail and address arguments, users may write HTML, as the documents promise. What goes
is whatever would run or speak with the page's own script: ``script``, ``style`` and other elements that act on the whole page,
``on…`` attributes, ``javascript:`` and kin, frames with a text of their own, names and ``data-`` attributes that this page's
script looks for. nh3 (ammonia) parses as browsers do; only what stands in the tables below is let through.

Not for the scripts and styles an author writes where the documents have them: those never pass through here.
"""

from __future__ import annotations

import html
import re

import nh3

#: Elements of HTML and SVG that show something. Left out: what loads or changes the page (script, style, link, meta, base,
#: object, embed, template), and SVG's animations, which can set any attribute.
_TAGS_WORDS = """
a abbr acronym address area article aside audio b bdi bdo big blockquote br button canvas caption center cite code col colgroup data
datalist dd del details dfn dialog dir div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hgroup hr i
iframe img input ins kbd label legend li main map mark menu meter nav noscript ol optgroup option output p picture pre progress q rp rt
ruby s samp search section select small source span strike strong sub summary sup table tbody td textarea tfoot th thead time tr track
tt u ul var video wbr svg circle clippath defs desc ellipse g image line lineargradient marker mask path pattern polygon polyline
radialgradient rect stop symbol text textpath title tspan use view
"""
_TAGS = frozenset(_TAGS_WORDS.split()) | {"clipPath", "linearGradient", "radialGradient", "textPath"}
#: Attributes of any element; ammonia looks at those that hold addresses by their meaning.
_ANYWHERE_WORDS = """
abbr accept accesskey action align allow allowfullscreen alt autocapitalize autocomplete autofocus autoplay axis background bgcolor
border cellpadding cellspacing char charoff charset checked cite class clear color cols colspan compact controls controlslist coords
crossorigin data datetime decoding default dir dirname disabled disablepictureinpicture download draggable enctype enterkeyhint face
fetchpriority for frame frameborder headers height hidden high href hreflang hspace id inert inputmode is ismap itemid itemprop itemref
itemscope itemtype kind label lang list loading longdesc loop low marginheight marginwidth max maxlength media method min minlength
multiple muted name noshade novalidate nowrap open optimum part pattern ping placeholder playsinline popover popovertarget
popovertargetaction poster preload readonly referrerpolicy rel required rev reversed role rows rowspan rules sandbox scope scrolling
selected shape size sizes slot span spellcheck src srclang srcset start step style summary tabindex target title translate type usemap
valign value vspace width wrap writingsuggestions clip-path clip-rule color-interpolation cx cy d dominant-baseline dx dy fill
fill-opacity fill-rule focusable font-family font-size font-style font-weight fx fy gradientTransform gradientUnits letter-spacing
marker-end marker-mid marker-start markerHeight markerUnits markerWidth maskUnits offset opacity orient paint-order pathLength
patternTransform patternUnits points preserveAspectRatio r refX refY rotate rx ry shape-rendering spreadMethod stop-color stop-opacity
stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor
text-decoration text-rendering textLength transform transform-origin vector-effect version viewBox visibility word-spacing writing-mode
x x1 x2 xlink:href xmlns xmlns:xlink y y1 y2
"""
_ANYWHERE = frozenset(_ANYWHERE_WORDS.split())  # fmt: skip
#: What goes with everything in it.
_WHOLE = frozenset({"script", "style", "template", "noembed", "noframes", "xmp", "plaintext"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms", "data"})
#: Addresses of pictures and sounds may hold these themselves; as links or frames they would be pages.
_EMBEDDED = frozenset({("img", "src"), ("source", "src"), ("audio", "src"), ("video", "src"), ("image", "href")})
_PICTURE_RE = re.compile(
    r"data:(?:image/(?:png|jpe?g|gif|webp|avif|bmp|svg\+xml)|audio/[\w.+-]+|video/[\w.+-]+)[;,]", re.I
)
#: `data-` attributes by which this page's own script works (services/gateway/static/js), and elements it knows by their id.
_OURS_RE = re.compile(
    r"data-(?:author|action|added|ajax|check-others|collect|combobox|conditions|delete|disable-others|exclusive|item$|js-conditions|"
    r"max-image|messages|own$|rules|script|signature|state$|theme-toggle|trigger|uncheck-others|variable)",
)
_OUR_IDS = frozenset(
    {"announcements", "answer", "errors", "heading", "help", "offline", "page", "parley-page", "question"}
)
_OUR_ID_RE = re.compile(r"f\d")
_ADDRESSES = frozenset(
    {"action", "background", "cite", "data", "href", "longdesc", "ping", "poster", "src", "xlink:href"}
)
_SCHEME_RE = re.compile(r"[a-z][a-z0-9+.\-]*:", re.I)
#: What browsers drop within an address before they look at its scheme.
_BLANKS_RE = re.compile(r"[\x00-\x20]+")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What `value` may be, or None without the attribute."""
    if name.startswith("data-"):
        return None if _OURS_RE.match(name) else value
    if name == "id":
        return None if value in _OUR_IDS or _OUR_ID_RE.match(value) else value
    if name == "name":
        return None if value.startswith(":") else value
    if name in _ADDRESSES and not is_address(value, embedded=(tag, name) in _EMBEDDED):
        return None
    return value


def is_address(text: str, *, embedded: bool = False) -> bool:
    """Whether `text` is an address that runs nothing. `embedded`: of a picture or a sound, which ``data:`` may hold itself."""
    address = _BLANKS_RE.sub("", text)
    scheme = _SCHEME_RE.match(address)
    if scheme is None:
        return True
    if scheme.group().lower() == "data:":
        return embedded and _PICTURE_RE.match(address) is not None
    return scheme.group()[:-1].lower() in _SCHEMES


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WHOLE),
    attributes={"*": set(_ANYWHERE)},
    attribute_filter=_attribute,
    generic_attribute_prefixes={"aria-", "data-"},
    url_schemes=set(_SCHEMES),
    link_rel=None,
    strip_comments=True,
)


#: Elements that end by themselves, or with the next of their kind: however many there are, they do not nest.
_FLAT = "area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|source|tbody|td|th|thead|tr|track|wbr"
_NESTING_RE = re.compile(rf"<(?:(/)|(?!(?:{_FLAT})\b)[a-z])", re.I)
#: Elements within elements, at most: as many as browsers nest. Parsing a thousand of them costs a thousand times the work.
_DEEPEST = 512


def clean(markup: str) -> str:
    """`markup` without what runs; its elements are closed where their parent ends. Linear in its length.

    What nests deeper than any browser shows is no HTML, and stays the letters it is written in.
    """
    if "<" not in markup:
        return markup
    if markup.count("<") > _DEEPEST and _deepest(markup) > _DEEPEST:
        return html.escape(markup, quote=False)
    return _CLEANER.clean(markup)


def _deepest(markup: str) -> int:
    depth = deepest = 0
    for found in _NESTING_RE.finditer(markup):
        depth = max(0, depth - 1) if found.group(1) else depth + 1
        deepest = max(deepest, depth)
    return deepest
