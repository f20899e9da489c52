"""Objects from files, archives, paths."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from shared.authoring.errors import NotAvailable
from shared.authoring.functions.files import path_and_mimetype, pdf_concatenate, zip_file
from shared.authoring.functions.sources import objects_from_file, objects_from_structure
from shared.authoring.objects import DADict, DAFile, DAList, DAStaticFile, Individual, Thing
from shared.authoring.objects.pdf import BadPdf

CONTACTS = b"""\
object: Individual
module: docassemble.base.util
items:
  - name:
      object: IndividualName
      item:
        first: Fred
        last: Smith
    email: fred@example.com
    allergies: [peanuts, subway tokens]
  - name:
      object: IndividualName
      item: {first: Larry, last: Jones}
"""


def put(step, name, content):
    step.files.package[f"demos:data/sources/{name}"] = content


def test_objects(step):
    put(step, "contacts.yml", CONTACTS)
    people = objects_from_file("contacts.yml", name="people")
    assert type(people) is DAList
    assert people.gathered is True
    assert [str(person) for person in people] == ["Fred Smith", "Larry Jones"]
    assert people[0].instanceName == "people[0]"
    assert people[1].name.instanceName == "people[1].name"
    assert people[0].allergies == ["peanuts", "subway tokens"]


def test_one_object_and_plain_data(step):
    put(step, "one.yml", b"object: Individual\nitem:\n  email: a@b.c\n")
    put(step, "data.yml", b"a: 1\nb: [yes, 010]\n")
    put(step, "data.json", '{"object": "Thing", "item": {"name": "J\u00f6nes"}}'.encode())
    one = objects_from_file("one.yml", name="user")
    assert (type(one), one.instanceName, one.email) == (Individual, "user", "a@b.c")
    assert objects_from_file("data.yml") == {"a": 1, "b": ["yes", 10]}
    assert type(objects_from_file("demos:data/sources/data.json")) is Thing


def test_several_documents_make_a_list(step):
    put(step, "many.yml", b"object: Thing\nitem: {size: 1}\n---\nobject: Thing\nitem: {size: 2}\n")
    things = objects_from_file("many.yml", name="things")
    assert [thing.size for thing in things] == [1, 2]


def test_options(step):
    put(step, "nested.yml", b"fruit:\n  - apple\nbox:\n  object: Thing\n  item: {size: 1}\n")
    made = objects_from_file("nested.yml", name="x", use_objects=True)
    assert (type(made), type(made["fruit"]), made["fruit"].gathered) == (DADict, DAList, True)
    assert objects_from_file("nested.yml", recursive=False)["box"] == {"object": "Thing", "item": {"size": 1}}
    put(step, "dict.yml", b"object: DADict\nitem:\n  elements: {apple: 4}\n")
    assert objects_from_file("dict.yml", name="d")["apple"] == 4
    assert "gathered" not in vars(objects_from_file("dict.yml", name="d", gathered=False))


def test_classes_of_other_modules(step):
    put(step, "when.yml", b"object: datetime\nmodule: datetime\nitem: {year: 2017, month: 4, day: 1}\n")
    assert objects_from_file("when.yml") == datetime.datetime(2017, 4, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1", "bad.yml, line [12]: this block is not YAML"),
        (b"object: Nonsense\nitem: {}", "no class 'Nonsense'"),
        (b"object: Thing\nitems: 5", "'items' of Thing must be a list"),
        (b"object: Thing\nitem: 5", "attributes of Thing must be a mapping"),
    ],
)
def test_mistakes_name_the_file(step, content, message):
    put(step, "bad.yml", content)
    with pytest.raises(ValueError, match=message):
        objects_from_file("bad.yml")


def test_a_file_that_is_not_there(step):
    with pytest.raises(FileNotFoundError):
        objects_from_file("nowhere.yml")


def test_structures_of_data_blocks(step):
    thing = objects_from_structure({"object": "Thing", "item": {"size": 8}}, name="the_object")
    assert (thing.instanceName, thing.size) == ("the_object", 8)


def archive(file):
    with zipfile.ZipFile(io.BytesIO(file.slurp(auto_decode=False))) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def upload(step, name="me.png", content=b"png"):
    number = step.files.write(filename=name, mimetype="image/png", content=content)
    return DAFile("picture", number=number, filename=name, mimetype="image/png")


def test_zip_file(step):
    step.files.package.update({"demos:data/static/coins.png": b"coins", "demos:data/static/cow.jpg": b"cow"})
    made = zip_file(
        upload(step), {"assets": [DAStaticFile("coins", filename="coins.png"), "cow.jpg"]}, filename="Image files.zip"
    )
    assert (made.filename, made.mimetype) == ("Image files.zip", "application/zip")
    assert archive(made) == {"me.png": b"png", "assets/coins.png": b"coins", "assets/cow.jpg": b"cow"}


def test_names_in_archives_are_unique_and_stay_inside(step):
    made = zip_file([upload(step), upload(step, content=b"2")], {"../../up": upload(step, name="../x")})
    assert set(archive(made)) == {"me.png", "me_2.png", "up/x"}


def test_zip_into_a_file_object(step):
    target = DAFile("target")
    assert zip_file(upload(step), output_to=target) is target
    assert archive(target) == {"me.png": b"png"}


def test_path_and_mimetype(step):
    picture = upload(step)
    for reference in (picture, picture.number):
        path, mimetype = path_and_mimetype(reference)
        assert mimetype == "image/png"
        assert Path(path).read_bytes() == b"png"
    step.files.package["demos:data/static/cow.jpg"] = b"cow"
    path, mimetype = path_and_mimetype("cow.jpg")
    assert (Path(path).read_bytes(), mimetype) == (b"cow", "image/jpeg")
    assert path_and_mimetype("nowhere.jpg") == (None, None)
    with pytest.raises(NotAvailable, match="access to the web"):
        path_and_mimetype("https://example.com/x.png")


def picture_bytes():
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(content, "PNG")
    return content.getvalue()


def test_pdf_concatenate(step):
    one = upload(step, content=picture_bytes())
    joined = pdf_concatenate(one, [one, one], filename="all.pdf")
    assert (joined.filename, joined.mimetype, joined.num_pages()) == ("all.pdf", "application/pdf", 3)
    assert pdf_concatenate(joined, one, output_to=DAFile("target")).num_pages() == 4


def test_what_cannot_be_joined(step):
    with pytest.raises(BadPdf, match=r"letter\.pdf is no PDF file"):
        pdf_concatenate(upload(step, name="letter.pdf", content=b"# Markdown"))
    with pytest.raises(NotAvailable, match="made by a running server"):
        pdf_concatenate(upload(step, name="letter.docx", content=b"x"))
    with pytest.raises(NotAvailable, match="running server"):
        pdf_concatenate(upload(step, content=picture_bytes()), pdfa=True)
    with pytest.raises(ValueError, match="no PDF/A with a password"):
        pdf_concatenate(upload(step, content=picture_bytes()), pdfa=True, password="x")
