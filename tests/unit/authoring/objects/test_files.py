"""Files: contents come and go through the step; a working copy's changes come back."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    TextStringObject,
)

from shared.authoring import modules
from shared.authoring.errors import MissingAttribute, NotAvailable
from shared.authoring.objects import DAFile, DAFileCollection, DAFileList, DAStaticFile, docx, pdf, working_copies
from shared.contract.effects import ForgetFile
from tests.unit.authoring.plain import plain_step


def pdf_of(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=100, height=200)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def pdf_with_form() -> bytes:
    """A page with a text field and a checkbox that exports "ja"."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=100, height=200)
    text = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("name"),
            NameObject("/Rect"): ArrayObject([FloatObject(number) for number in (1, 2, 3, 4)]),
        }
    )
    box = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Btn"),
            NameObject("/T"): TextStringObject("agree"),
            NameObject("/Rect"): ArrayObject([FloatObject(number) for number in (5, 6, 7, 8)]),
            NameObject("/AP"): DictionaryObject(
                {
                    NameObject("/N"): DictionaryObject(
                        {NameObject("/Off"): NullObject(), NameObject("/ja"): NullObject()}
                    )
                }
            ),
        }
    )
    fields = ArrayObject([writer._add_object(text), writer._add_object(box)])
    page[NameObject("/Annots")] = fields
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def docx_with(text: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:document>")
    return output.getvalue()


PDF = pdf_of(2)


@pytest.fixture
def step():
    with plain_step() as running:
        yield running
        working_copies.discard_all(running)


@pytest.fixture
def note(step):
    made = DAFile("note")
    made.initialize(filename="note.txt")
    made.write("hello")
    return made


@contextmanager
def serving(content: bytes, mimetype: str) -> Iterator[str]:
    """A server that answers everything with `content`; its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", mimetype)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class TestDAFile:
    def test_a_fresh_object_is_asked_to_be_initialized(self, step):
        with pytest.raises(MissingAttribute) as caught:
            str(DAFile("myfile"))
        assert caught.value.variable == "myfile.initialized"

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({"filename": "image.jpg"}, ("image.jpg", "jpg", "image/jpeg")),
            ({"extension": "jpg"}, ("file.jpg", "jpg", "image/jpeg")),
            ({}, ("file.txt", "txt", "text/plain")),
        ],
    )
    def test_initialize(self, step, arguments, expected):
        made = DAFile("f")
        made.initialize(**arguments)
        assert (made.filename, made.extension, made.mimetype) == expected
        assert made.initialized
        assert made.size_in_bytes() == 0

    def test_initialize_again_changes_nothing_unless_told_to(self, note):
        note.initialize(filename="other.pdf")
        assert (note.filename, note.slurp()) == ("note.txt", "hello")
        note.initialize(filename="other.pdf", reinitialize=True)
        assert (note.filename, note.size_in_bytes()) == ("other.pdf", 0)

    def test_an_upload_is_a_file_as_it_is(self, step):
        number = step.files.write(filename="cat.png", mimetype="image/png", content=b"\x89PNG")
        upload = DAFile("upload[0]", filename="cat.png", number=number)
        assert (upload.ok, upload.extension, upload.mimetype, upload.initialized) == (True, "png", "image/png", True)
        assert upload.slurp() == b"\x89PNG"

    def test_only_a_number_is_enough(self, step):
        number = step.files.write(filename="cat.png", mimetype="image/png", content=b"x")
        upload = DAFile("upload", number=number)
        upload.retrieve()
        assert (upload.filename, upload.mimetype) == ("cat.png", "image/png")

    def test_text_and_bytes(self, note):
        assert note.slurp() == "hello"
        assert note.slurp(auto_decode=False) == b"hello"
        note.write(b"\xff\x00", binary=True)
        assert note.slurp() == b"\xff\x00"
        note.write("one\ntwo\n")
        assert note.readlines() == ["one\n", "two\n"]

    def test_writing_makes_a_new_file_of_the_session(self, step, note):
        before = note.number
        note.write("changed")
        assert note.number != before
        assert step.files.read(before) == b"hello"

    def test_show(self, note):
        assert str(note) == f"[FILE {note.number}]"
        assert note.show(width="1in") == f"[FILE {note.number}, 1in]"
        note.set_alt_text("a note]")
        assert note.show() == f"[FILE {note.number}, None, a note&#93;]"
        assert note.get_alt_text() == "a note]"

    def test_url_for(self, step, note):
        assert note.url_for() == f"/files/{note.number}"
        assert note.url_for(attachment=True, page=2) == f"/files/{note.number}?attachment=1&page=2"
        assert note.url_for(external=True) == f"http://localhost/files/{note.number}"

    def test_what_is_written_to_the_path_comes_back_at_the_end_of_the_step(self, step, note):
        path = Path(note.path())
        assert path.read_text() == "hello"
        assert path.name == "note.txt"
        path.write_text("by hand")
        assert note.slurp() == "by hand"
        assert note.size_in_bytes() == 7
        before = note.number
        working_copies.commit_all(step)
        assert note.number != before
        assert step.files.read(note.number) == b"by hand"
        working_copies.commit_all(step)
        assert len(step.files.contents) == 3
        working_copies.discard_all(step)
        assert not path.exists()

    def test_a_path_that_was_only_read_changes_nothing(self, step, note):
        note.path()
        before = note.number
        note.commit()
        assert note.number == before

    def test_copy_into(self, step, note, tmp_path):
        other = DAFile("other")
        other.copy_into(note)
        assert (other.filename, other.slurp()) == ("note.txt", "hello")
        source = tmp_path / "a.csv"
        source.write_text("1,2")
        note.copy_into(str(source))
        assert note.slurp() == "1,2"

    def test_pdf(self, step):
        made = DAFile("doc")
        made.initialize(filename="doc.pdf", content=PDF)
        assert made.num_pages() == 2
        assert not made.uses_acroform()
        assert not made.is_encrypted()
        made.fix_up()
        made.write("no pdf")
        with pytest.raises(NotAvailable, match="running server"):  # of whoever would repair it
            made.fix_up()

    def test_pages_of_a_pdf(self, step):
        made = DAFile("doc")
        made.initialize(filename="doc.pdf", content=pdf_of(5))
        assert made.extract_pages(first=2, last=4).num_pages() == 3
        target = DAFile("target")
        assert made.extract_pages(first=5, output_to=target) is target
        assert target.num_pages() == 1
        with pytest.raises(ValueError, match="5 pages"):
            made.extract_pages(first=4, last=6)

    def test_fields_of_a_pdf(self, step):
        made = DAFile("form")
        made.initialize(filename="form.pdf", content=pdf_with_form())
        assert made.uses_acroform()
        assert made.get_pdf_fields() == [
            ("name", "", 1, [1, 2, 3, 4], "/Tx", None),
            ("agree", "No", 1, [5, 6, 7, 8], "/Btn", "ja"),
        ]

    def test_what_is_no_pdf_is_named(self, step):
        made = DAFile("doc")
        made.initialize(filename="doc.pdf", content="plain")
        for act in (made.num_pages, made.get_pdf_fields, made.is_encrypted):
            with pytest.raises(pdf.BadPdf, match=r"doc\.pdf"):
                act()

    def test_variables_of_a_docx(self, step):
        made = DAFile("letter")
        made.initialize(
            filename="letter.docx",
            content=docx_with(
                "{{ user.name | currency }}, {{ today(\u2018UTC\u2019) }} {%p if sued is our_test %}"
                "{% for a in pets %}{{ a }}{% endfor %}{%p endif %}"
            ),
        )
        step.namespace["__builtins__"] = dict(modules.names())
        assert made.get_docx_variables() == ["pets", "sued", "user"]
        for content in ("no docx", docx_with("{% if %}")):
            made.write(content if isinstance(content, bytes) else content.encode(), binary=True)
            with pytest.raises(docx.BadDocx, match=r"letter\.docx"):
                made.get_docx_variables()

    def test_convert_pictures(self, step):
        buffer = io.BytesIO()
        Image.new("RGBA", (4, 2), "red").save(buffer, "PNG")
        picture = DAFile("picture")
        picture.initialize(filename="red.png", content=buffer.getvalue())
        picture.convert_to("jpg")
        assert (picture.filename, picture.mimetype) == ("red.jpg", "image/jpeg")
        assert Image.open(io.BytesIO(picture.slurp(auto_decode=False))).size == (4, 2)

    @pytest.mark.parametrize(
        "act",
        [lambda f: f.convert_to("docx")],
    )
    def test_what_needs_more_says_so(self, note, act):
        with pytest.raises(NotAvailable, match="does not have"):
            act(note)

    def test_what_stands_at_an_address(self, step, note):
        with serving(b"from afar", "text/csv") as address:
            note.from_url(address)
            assert (note.filename, note.slurp()) == ("note.txt", "from afar")
            other = DAFile("other")
            other.from_url(f"{address}of%20prices.csv?all=1")
            assert (other.filename, other.mimetype, other.slurp()) == ("of prices.csv", "text/csv", "from afar")
        with pytest.raises(OSError, match="cannot be read"):
            note.from_url(address)
        with pytest.raises(ValueError, match="http"):
            note.from_url("file:///etc/passwd")
        assert note.slurp() == "from afar"

    def test_attributes(self, note):
        note.set_attributes(private=False, persistent=True, filename="renamed.txt")
        assert (note.private, note.persistent, note.filename, note.slurp()) == (False, True, "renamed.txt", "hello")

    def test_what_everybody_may_read_is_a_file_of_its_own(self, step, note):
        before = note.number
        note.set_attributes(persistent=True)
        assert (note.number, step.files.shared) == (before, {})  # nobody could read it when the session is gone
        note.set_attributes(private=False)
        shared = note.number
        assert (step.files.shared, note.slurp(), step.effects) == ({shared: True}, "hello", [])
        note.set_attributes(private=False)
        assert note.number == shared
        note.write("changed")
        assert step.files.shared == {shared: True, note.number: True}
        note.set_attributes(persistent=False)
        assert step.files.shared[note.number] is False
        note.set_attributes(private=True)
        assert note.number not in step.files.shared
        assert note.slurp() == "changed"
        assert [one.number for one in step.effects if isinstance(one, ForgetFile)] == list(step.files.shared)

    def test_access(self, note):
        note.user_access(21, "a@example.com", "b@example.com")
        note.user_access(disallow="a@example.com")
        assert note.user_access() == {"user_ids": [21], "emails": ["b@example.com"], "temp_user_ids": []}
        note.privilege_access("developer", "advocate")
        note.privilege_access(disallow=["advocate"])
        assert note.privilege_access() == ["developer"]
        note.privilege_access(disallow="all")
        assert note.privilege_access() == []


class TestGroupsOfFiles:
    def test_a_list_is_used_as_its_first_file(self, step, note):
        files = DAFileList("upload", elements=[note])
        assert str(files) == str(note)
        assert files.slurp() == "hello"
        assert files.url_for() == note.url_for()
        assert files.num_pages() == 1
        files.set_alt_text("x")
        assert files.get_alt_text() == "x"
        files.set_attributes(private=False)
        assert note.private is False

    def test_an_empty_list_has_no_first_file(self, step):
        with pytest.raises(ValueError, match="upload"):
            DAFileList("upload", elements=[]).path()

    def test_a_collection_is_used_as_its_first_format(self, step):
        document = DAFileCollection("document", info={"name": "Letter", "formats": ["pdf", "rtf"]})
        document.initializeAttribute("rtf", DAFile).initialize(filename="letter.rtf", content="rtf")
        document.initializeAttribute("pdf", DAFile).initialize(filename="letter.pdf", content=PDF)
        assert document.url_for() == document.pdf.url_for()
        assert document.num_pages() == 2
        assert str(document) == f"{document.pdf} {document.rtf}"


class TestStaticFiles:
    def test_references_resolve_in_the_package_of_the_block(self, step):
        step.block = SimpleNamespace(place=SimpleNamespace(file="docassemble.demo:data/questions/x.yml"))
        step.files.package["docassemble.demo:data/static/coins.png"] = b"\x89PNG\xff"
        icon = DAStaticFile("icon", filename="coins.png")
        assert str(icon) == "[FILE docassemble.demo:data/static/coins.png]"
        assert icon.mimetype == "image/png"
        assert icon.size_in_bytes() == 5
        assert Path(icon.path()).read_bytes() == b"\x89PNG\xff"
        assert icon.url_for(external=True).startswith("http://localhost/files/docassemble.demo:")

    @pytest.mark.parametrize(
        ("filename", "reference"),
        [
            ("docassemble.base:data/static/cow.jpg", "docassemble.base:data/static/cow.jpg"),
            ("data/templates/a.pdf", "demos:data/templates/a.pdf"),
        ],
    )
    def test_full_references(self, step, filename, reference):
        step.interview = SimpleNamespace(name="demos:welcome.yml")
        assert DAStaticFile.using(filename=filename, alt_text="")("icon").show() == f"[FILE {reference}, None, ]"
