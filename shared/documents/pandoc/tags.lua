-- The tags of documents (shared/documents/tags.py) in each format that pandoc writes, and what must not reach a document:
-- raw parts, which an answer could hold, and pictures that are not among the files of the document.

local OPEN, CLOSE, SPACE = "\u{E000}", "\u{E001}", "\u{E002}"
local format = FORMAT:match("^%a+")
if format == "html5" then format = "html" end

-- From here on, as tags and metadata say.
local spacing, first = "double", "0.5in"

local function raw(text) return pandoc.RawBlock(format == "docx" and "openxml" or format, text) end
local function raw_inline(text) return pandoc.RawInline(format == "docx" and "openxml" or format, text) end

local function tag_of(inline)
  return inline.t == "Span" and inline.classes[1] == "parley-tag" and inline.attributes.tag or nil
end

-- A Str with words of ours, as text and tags.
local function split(text)
  local parts, at = pandoc.List(), 1
  while true do
    local start = text:find(OPEN, at, true)
    if not start then break end
    local stop = text:find(CLOSE, start, true)
    if not stop then break end
    if start > at then parts:insert(pandoc.Str(text:sub(at, start - 1))) end
    local words = {}
    for one in (text:sub(start + #OPEN, stop - 1) .. SPACE):gmatch("(.-)" .. SPACE) do table.insert(words, one) end
    parts:insert(pandoc.Span({}, pandoc.Attr("", { "parley-tag" }, { tag = words[1], one = words[2] or "", two = words[3] or "" })))
    at = stop + #CLOSE
  end
  if at <= #text then parts:insert(pandoc.Str(text:sub(at))) end
  return parts
end

-- What was a tag in code is shown as it was written.
local function written(text)
  return (text:gsub(OPEN .. "(.-)" .. CLOSE, function(inside) return "[" .. inside:gsub(SPACE, " ") .. "]" end))
end

local TABS = { docx = "<w:r><w:tab/></w:r>", rtf = "\\tab ", typst = "#h(0.5in)" }
local NUMBERS = {
  docx = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    .. '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
  rtf = "\\chpgn ",
  typst = "#context counter(page).display()",
}

-- The inline that stands for a tag; nil if it is one for paragraphs, which has no meaning here.
local function shown(tag)
  if tag == "BR" then return pandoc.LineBreak() end
  if tag == "HYPHEN" then return pandoc.Str("-") end
  if tag == "BLANK" then return pandoc.Str(("_"):rep(19)) end
  if tag == "BLANKFILL" then
    if format == "typst" then return raw_inline("#box(width: 1fr, line(length: 100%, stroke: 0.5pt))") end
    return pandoc.Str(("_"):rep(40))
  end
  if tag == "TAB" then return TABS[format] and raw_inline(TABS[format]) or pandoc.Str(("\u{2003}"):rep(3)) end
  if tag == "PAGENUM" then return NUMBERS[format] and raw_inline(NUMBERS[format]) or pandoc.Str("") end
  if tag == "SECTIONNUM" then
    return format == "typst" and raw_inline('#context counter(heading).display("1.1")') or pandoc.Str("")
  end
  return nil
end

local HTML = { br = pandoc.LineBreak, ["br/"] = pandoc.LineBreak, ["br /"] = pandoc.LineBreak }

-- Raw parts: a line break of HTML is one; what else was written as HTML or in any other language is shown as text.
local function raw_as_text(one)
  local name = one.format:match("^html") and one.text:match("^<%s*([%w /]-)%s*>$")
  if name and HTML[name:lower()] then return HTML[name:lower()]() end
  if one.format:match("^html") and one.text:match("^<!%-%-") then return pandoc.Str("") end
  return pandoc.Str(one.text)
end

local UNITS = { ["in"] = 1440, pt = 20, cm = 567 }
local function twips(length)
  local number, unit = length:match("^([%d.]+)(%a+)$")
  return math.floor((tonumber(number) or 0) * (UNITS[unit] or 20) + 0.5)
end

local LINES = { single = 1, tight = 1, ["one-and-a-half"] = 1.5, double = 2, triple = 3 }

local ALIGN = {
  typst = { center = "center", ["flush right"] = "right", ["flush left"] = "left" },
  html = { center = "center", ["flush right"] = "right", ["flush left"] = "left" },
  rtf = { center = "\\qc", ["flush right"] = "\\qr", ["flush left"] = "\\ql" },
}

-- One paragraph in the format, laid out as `look` says: align, left, right, box, first (line).
local LAID = {}

function LAID.typst(block, look)
  local before, after = "", ""
  if look.left then
    before = before .. ("#pad(left: %s, right: %s)["):format(look.left, look.right or "0pt")
    after = "]" .. after
  end
  if look.box then before, after = before .. "#block(stroke: 0.75pt, inset: 6pt, width: 100%)[", "]" .. after end
  if look.align then
    before = before .. ("#align(%s)["):format(ALIGN.typst[look.align])
    after = "]" .. after
  end
  if look.first == "0pt" and first ~= "0pt" or look.align then
    before, after = before .. "#[#set par(first-line-indent: 0pt, justify: false)", "]" .. after
  end
  if before == "" then return { block } end
  return { raw(before), block, raw(after) }
end

function LAID.html(block, look)
  local style = ""
  if look.align then style = style .. "text-align: " .. ALIGN.html[look.align] .. ";" end
  if look.left then style = style .. "margin-left: " .. look.left .. "; margin-right: " .. (look.right or "0") .. ";" end
  if look.box then style = style .. "border: 1px solid; padding: 0.5em;" end
  if style == "" then return { block } end
  return { pandoc.Div({ block }, pandoc.Attr("", {}, { style = style })) }
end

-- In DOCX the look is the name of a style, which `shared.documents.wordstyles` gives its meaning.
function LAID.docx(block, look)
  local words = {}
  if look.align then table.insert(words, look.align) end
  if spacing ~= "single" then table.insert(words, spacing) end
  if look.first ~= "0pt" and not look.align then table.insert(words, "first line " .. look.first) end
  if look.left then table.insert(words, "left " .. look.left) end
  if look.right then table.insert(words, "right " .. look.right) end
  if look.box then table.insert(words, "boxed") end
  if #words == 0 then return { block } end
  return { pandoc.Div({ block }, pandoc.Attr("", {}, { ["custom-style"] = "Text, " .. table.concat(words, ", ") })) }
end

function LAID.rtf(block, look)
  local text = pandoc.write(pandoc.Pandoc({ block }), "rtf")
  local after = (spacing == "single") and "\\sa180" or "\\sa0"
  local lines = LINES[spacing] > 1 and ("\\sl%d\\slmult1"):format(math.floor(LINES[spacing] * 240)) or ""
  local border = ""
  if look.box then
    for _, side in ipairs({ "t", "b", "l", "r" }) do border = border .. "\\brdr" .. side .. "\\brdrs\\brdrw10\\brsp80" end
  end
  local how = (look.align and ALIGN.rtf[look.align] or "\\ql") .. " \\f0 " .. after .. lines .. border
    .. (" \\li%d\\ri%d"):format(twips(look.left or "0pt"), twips(look.right or "0pt"))
    .. (" \\fi%d "):format(look.align and 0 or twips(look.first))
  text = text:gsub("\\pard \\ql \\f0 \\sa180 \\li0 \\fi0 ", function() return "\\pard " .. how end)
  return { raw(text) }
end

local function lay_out(block, look)
  look.first = look.first or first
  return LAID[format] and LAID[format](block, look) or { block }
end

-- `#set` of Typst for what holds from here on.
local function from_here_on()
  local lines = LINES[spacing]
  local leading = ("%.2fem"):format(lines * 1.2 - 0.65)
  local between = spacing == "single" and ("%.2fem"):format(lines * 1.2 + 0.15) or leading
  return raw(("#set par(leading: %s, spacing: %s, first-line-indent: (amount: %s, all: true))\n#set block(spacing: %s)")
    :format(leading, between, first, between))
end

local SPACINGS = {
  SINGLESPACING = { "single", "0pt" }, ONEANDAHALFSPACING = { "one-and-a-half", "0.5in" }, DOUBLESPACING = { "double", "0.5in" },
  TRIPLESPACING = { "triple", "0.5in" }, TIGHTSPACING = { "tight", "0pt" },
}

local PAGEBREAKS = {
  docx = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>', rtf = "\\page ", typst = "#pagebreak(weak: true)",
  html = '<div style="break-after: page"></div>',
}
local SKIPPED = { docx = "<w:p/>", rtf = "{\\pard \\f0 \\sa0 \\par}", typst = "#v(1em)", html = "<br>" }

local ALIGNS = { FLUSHLEFT = "flush left", FLUSHRIGHT = "flush right", CENTER = "center", BOLDCENTER = "center" }

local function blank(one) return one and (one.t == "Space" or one.t == "SoftBreak") end

local function trimmed(inlines)
  while blank(inlines[1]) do inlines:remove(1) end
  while blank(inlines[#inlines]) do inlines:remove(#inlines) end
  return inlines
end

-- The tags at the beginning of a paragraph, taken away from it, as a look.
local function look_of(inlines)
  local look, bold = {}, false
  while true do
    trimmed(inlines)
    local tag = inlines[1] and tag_of(inlines[1])
    if ALIGNS[tag] then
      look.align, bold = ALIGNS[tag], bold or tag == "BOLDCENTER"
    elseif tag == "NOINDENT" then
      look.first = "0pt"
    elseif tag == "INDENTBY" then
      look.left, look.first = inlines[1].attributes.one, "0pt"
      if inlines[1].attributes.two ~= "" then look.right = inlines[1].attributes.two end
    elseif tag == "BORDER" then
      look.box, look.first = true, "0pt"
    else
      return look, bold
    end
    inlines:remove(1)
  end
end

local SHOWN = { Span = function(span)
  local tag = tag_of(span)
  if tag then return shown(tag) or {} end
end }

-- Blanks beside a line break that was a tag: pandoc has none beside its own, and word processors would show them.
function SHOWN.Inlines(inlines)
  local made = pandoc.Inlines({})
  for index, one in ipairs(inlines) do
    local beside = (inlines[index - 1] or {}).t == "LineBreak" or (inlines[index + 1] or {}).t == "LineBreak"
    if not (beside and blank(one)) then made:insert(one) end
  end
  return made
end

local function with_shown(inlines) return pandoc.Inlines(inlines):walk(SHOWN) end

local function paragraphs(block, tagged)
  if not tagged then return lay_out(block, {}) end
  local made, part, look, bold = pandoc.List(), pandoc.List(), look_of(block.content)
  local function close()
    if #trimmed(part) > 0 then
      local content = with_shown(part)
      if bold then content = pandoc.Inlines({ pandoc.Strong(content) }) end
      local like = {}
      for key, value in pairs(look) do like[key] = value end
      made:extend(lay_out(block.t == "Para" and pandoc.Para(content) or pandoc.Plain(content), like))
    end
    part = pandoc.List()
  end
  for _, inline in ipairs(block.content) do
    local tag = tag_of(inline)
    if tag == "NEWPAR" then
      close()
    elseif tag == "SKIPLINE" then
      close()
      if SKIPPED[format] then made:insert(raw(SKIPPED[format])) end
    else
      part:insert(inline)
    end
  end
  close()
  return made
end

local blocks

local function columns(left, right)
  if format == "typst" then
    local made = pandoc.List({ raw("#grid(columns: (1fr, 1fr), column-gutter: 1em, [#set par(first-line-indent: 0pt, spacing: 0.65em)") })
    made:extend(left)
    made:insert(raw("], [#set par(first-line-indent: 0pt, spacing: 0.65em)"))
    made:extend(right)
    made:insert(raw("])"))
    return made
  end
  local simple = pandoc.SimpleTable({}, { pandoc.AlignDefault, pandoc.AlignDefault }, { 0.5, 0.5 }, {}, { { left, right } })
  return pandoc.List({ pandoc.utils.from_simple_table(simple) })
end

-- Blocks in their order; `top` for those of the document itself, where what holds from here on may change.
-- `tagged` says of each block (or of all) whether there is a tag in it: most have none, and are passed on as they are.
blocks = function(list, top, tagged)
  local made, kept, open = pandoc.List(), nil, nil -- `kept`: what stood before two columns; `open`: the first of them
  for index, block in ipairs(list) do
    local with = tagged == true or tagged[index]
    local alone = with and (block.t == "Para" or block.t == "Plain") and #block.content == 1 and tag_of(block.content[1])
    if alone == "BEGIN_TWOCOL" and not kept then
      kept, made = made, pandoc.List()
    elseif alone == "BREAK" and kept and not open then
      open, made = made, pandoc.List()
    elseif alone == "END_TWOCOL" and kept then
      local left, right = open or made, open and made or pandoc.List()
      made, kept, open = kept, nil, nil
      made:extend(columns(left, right))
    elseif alone == "PAGEBREAK" then
      if PAGEBREAKS[format] then made:insert(raw(PAGEBREAKS[format])) end
    elseif SPACINGS[alone] or alone == "START_INDENTATION" or alone == "STOP_INDENTATION" then
      if top then
        if SPACINGS[alone] then spacing, first = SPACINGS[alone][1], SPACINGS[alone][2] end
        if alone == "START_INDENTATION" then first = "0.5in" end
        if alone == "STOP_INDENTATION" then first = "0pt" end
        if format == "typst" then made:insert(from_here_on()) end
      end
    elseif block.t == "Para" or (block.t == "Plain" and top) then
      made:extend(paragraphs(block, with))
    elseif block.t == "Div" or block.t == "BlockQuote" then
      local before = first
      if block.t == "BlockQuote" then first = "0pt" end
      block.content = blocks(block.content, false, with or {})
      first = before
      made:insert(block)
    elseif not with then
      made:insert(block)
    else
      made:insert(block:walk(SHOWN))
    end
  end
  if kept then -- columns that nothing ends
    kept:extend(columns(open or made, open and made or pandoc.List()))
    return kept
  end
  return made
end

local function plain(meta) return meta and pandoc.utils.stringify(meta) or nil end

-- Pictures: only files of this document; any other one is shown as what it is called.
local known, wide = {}, {} -- `wide`: those that are wider than the text, and how wide that is; only RTF has to be told
local function picture(image)
  local place = known[image.src]
  if place then
    if wide[image.src] and not image.attributes.width then image.attributes.width = wide[image.src] end
    image.src = place
    return image
  end
  local called = pandoc.utils.stringify(image.caption)
  return pandoc.Str(called ~= "" and called or image.src)
end

local found -- a tag, since this was last set

local FIRST = {
  Str = function(one)
    if not one.text:find(OPEN, 1, true) then return nil end
    found = true
    return split(one.text)
  end,
  RawInline = raw_as_text,
  Code = function(code) code.text = written(code.text) return code end,
  CodeBlock = function(code) code.text = written(code.text) return code end,
  RawBlock = function(one)
    if one.format:match("^html") and one.text:match("^%s*<!%-%-") then return {} end
    return pandoc.Para({ raw_as_text(one) })
  end,
  Image = picture,
}

-- The same for blocks without words of ours. Looking at every `Str` is most of what a long text costs (30 pages: 130 of 470 ms), and what
-- `stringify` gives is made without Lua; it leaves out footnotes, which are looked at by themselves.
local noted -- a footnote with a word of ours, since this was last set
local REST = { Note = function(note)
  local inside = pandoc.utils.stringify(pandoc.Blocks(note.content))
  noted = noted or inside:find(OPEN, 1, true) ~= nil
end }
for name, act in pairs(FIRST) do
  if name ~= "Str" then REST[name] = act end
end

-- The block with its inside walked over, and whether there is a tag in it.
local function walked_over(block)
  found, noted = false, false
  if not pandoc.utils.stringify(block):find(OPEN, 1, true) then
    local made = block:walk(REST)
    if not noted then return made end
  end
  return block:walk(FIRST)
end

function Pandoc(doc)
  local meta = doc.meta
  spacing = plain(meta["parley-spacing"]) or spacing
  first = plain(meta["parley-first"]) or first
  for name, place in pairs(meta["parley-files"] or {}) do known[name] = plain(place) end
  for name, width in pairs(meta["parley-wide"] or {}) do wide[name] = plain(width) end
  doc.meta = pandoc.Pandoc({}, doc.meta):walk(FIRST).meta
  local tagged, walked = {}, pandoc.List()
  for _, block in ipairs(doc.blocks) do
    local made = walked_over(block) -- its inside; what it is itself comes next
    local own = FIRST[made.t] and FIRST[made.t](made)
    for _, one in ipairs(own == nil and { made } or pandoc.utils.type(own) == "Block" and { own } or own) do
      walked:insert(one)
      tagged[#walked] = found
    end
  end
  for name, value in pairs(doc.meta) do
    if pandoc.utils.type(value) == "Inlines" then doc.meta[name] = with_shown(value) end
    if pandoc.utils.type(value) == "Blocks" then doc.meta[name] = value:walk({ Inlines = with_shown }) end
  end
  doc.blocks = blocks(walked, true, tagged)
  if format == "typst" then doc.blocks:insert(1, from_here_on()) end
  doc.meta["parley-files"], doc.meta["parley-wide"] = nil, nil
  return doc
end
