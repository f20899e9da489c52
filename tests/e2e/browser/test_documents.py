"""Documents in the browser: a form and a Word file from the same answers, downloaded, looked at and mailed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site, heading

pytestmark = pytest.mark.browser


def _answer(page: Page, site: Site) -> None:
    page.goto(site.url("demos:document-templates.yml"))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Name of the borrower").fill("Bób")
    page.get_by_label("Until").fill("2026-06-30")
    page.get_by_label("Conditions").fill("Bring it *back*.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Thing").fill("A ladder")
    page.get_by_label("Worth").fill("80")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_label("Or type your name").fill("Ann")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#heading")).to_have_text("Your papers are ready, Ann.")


def _kept(page: Page, link: str) -> tuple[str, bytes]:
    with page.expect_download(timeout=30_000) as kept:
        page.get_by_role("link", name=link).click()
    return kept.value.suggested_filename, Path(kept.value.path()).read_bytes()


def test_papers_are_made_shown_downloaded_and_mailed(site: Site, page: Page) -> None:
    _answer(page, site)

    name, form = _kept(page, "Download Petition to change a name, PDF")
    assert name == "petition.pdf"
    document = pypdfium2.PdfDocument(form)
    words = " ".join(sheet.get_textpage().get_text_range() for sheet in document)
    assert len(document) == 4
    assert all(said in words for said in ("Bób Ann", "Bring it", "February 3, 2001", "June 30, 2026"))

    name, letter = _kept(page, "Download Loan of household goods, Word")
    assert name == "loan.docx"
    loan = docx.Document(io.BytesIO(letter))
    assert [cell.text for cell in loan.tables[0].rows[1].cells] == ["A ladder", "$80.00"]
    assert len(loan.inline_shapes) == 1

    picture = page.locator("img.document-picture").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "one => one.complete && one.naturalWidth > 300", arg=picture.element_handle(), timeout=30_000
    )

    name, archive = _kept(page, "Download all as a ZIP file")
    assert name == "papers.zip"
    assert {"loan.docx", "petition.pdf"} <= set(zipfile.ZipFile(io.BytesIO(archive)).namelist())

    address = page.get_by_role("link", name="Download Petition").get_attribute("href")
    part = page.request.get(f"{site.address}{address}", headers={"Range": "bytes=0-4"})
    assert (part.status, part.body()) == (206, b"%PDF-")
    assert page.request.get(f"{site.address}{address}".replace("document/1", "document/9")).status == 404

    page.get_by_label("E-mail these documents to").fill("ann@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your documents were e-mailed to ann@example.com.")).to_be_visible()
    assert heading(page) == "Your papers are ready, Ann."


def test_whoever_comes_to_a_button_sees_how_large_its_file_is(site: Site, page: Page) -> None:
    page.goto(site.url("documents"))
    rtf, word = (page.get_by_role("link", name=f"Download The list, {kind}") for kind in ("RTF", "Word"))
    expect(rtf.locator(".document-size")).to_have_count(0)
    rtf.hover()
    expect(rtf.locator(".document-size")).to_contain_text("kB", timeout=20_000)
    word.focus()
    expect(word.locator(".document-size")).to_contain_text("kB", timeout=20_000)
    assert heading(page) == "Your letter is ready"


def test_nobody_else_gets_them(site: Site, page: Page, plain_page: Page) -> None:
    page.goto(site.url("documents"))
    address = page.get_by_role("link", name="Download The list, PDF").get_attribute("href")
    assert plain_page.request.get(f"{site.address}{address}").status in (403, 404, 410)


def test_a_long_document_shows_a_bar_and_comes_by_itself(site: Site, page: Page) -> None:
    """Asked for by the interview itself: the screen waits; asked for by a button: a bar stands below it."""
    page.goto(site.url("demos:long-document.yml"))
    page.get_by_label("Pages").fill("300")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Please wait")).to_be_visible(timeout=20_000)
    expect(page.locator("#heading")).to_have_text("Your record has 300 pages.", timeout=60_000)
    name, record = _kept(page, "Download Record, PDF")
    assert (name, len(pypdfium2.PdfDocument(record))) == ("record.pdf", 300)
    expect(page.get_by_role("link", name="Download Record, PDF").locator(".document-size")).to_contain_text("B")


def test_a_bar_stands_while_a_button_s_document_is_made(site: Site, page: Page) -> None:
    page.goto(site.url("long"))
    link = page.get_by_role("link", name="Download Record, RTF")
    expect(link).to_be_visible()
    with page.expect_download(timeout=60_000) as kept:
        link.click()
        expect(page.locator("progress.document-progress")).to_be_visible(timeout=10_000)
    assert kept.value.suggested_filename == "record.rtf"
    expect(page.locator("progress.document-progress")).to_have_count(0)


def test_a_long_document_is_mailed_when_it_is_there(site: Site, page: Page) -> None:
    page.goto(site.url("long", "&receiver=Ann"))  # another text than elsewhere, which nobody has made yet
    page.get_by_label("E-mail these documents to").fill("ann@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("They will be e-mailed to ann@example.com.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Your documents were e-mailed to ann@example.com.")).to_be_visible(timeout=60_000)
