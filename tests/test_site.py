"""The static site: its files, and what only it does in a browser."""

import gzip
import json
import re
import shutil
import urllib.request

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from huggingface_hub import SpaceCard
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from model.activations import load_activations
from model.classifier import SHIPPED
from model.data.corrections import load_corrections
from model.network import litert_js
from model.preparation.frame import make_frame, to_uint8
from pad import MESSAGES, WEB
from pad import site as builder
from pad.answers import Answers
from tests.helpers.browser import (
    draw,
    expect_digit,
    expect_invitation,
    expect_note,
    expect_sentence,
    open_page,
    pad_of,
    upload,
    use_everything,
)
from tests.helpers.drawings import mask, number_picture, picture
from tests.helpers.encoding import png
from tests.helpers.files import DIGIT, pictures
from tests.helpers.sites import BASE, build, read_in_browser, running_site

#: Names of files that Chromium does not decode.
UNDECODABLE = re.compile(r"hei[cf]|cut short|(?:tiff?|pgm|jp2)$")


@pytest.fixture(scope="module")
def converted():
    interpreter = Interpreter(model_content=litert_js.convert(SHIPPED.with_suffix(".tflite")))
    return interpreter.get_signature_runner()


@pytest.mark.parametrize("digit", range(10))
def test_converted_network_returns_what_the_original_does(converted, classifier, digit):
    frame = make_frame(mask(digit))
    outputs = converted(frames=frame[None])
    probabilities, not_digit = classifier.network(frame[None])
    found = outputs.pop("probabilities")[0]
    assert found[:10] / found[:10].sum() == pytest.approx(probabilities[0], abs=0.01)
    assert found[10:].sum() == pytest.approx(not_digit[0], abs=0.01)
    layers = load_activations(SHIPPED)(frame)
    assert sorted(outputs) == [f"convolution_{number:02}" for number in range(1, len(layers) + 1)]
    for name, layer in zip(sorted(outputs), layers, strict=True):
        assert outputs[name][0] == pytest.approx(layer, rel=0.02, abs=0.02 * float(np.abs(layer).max()))


def test_converted_network_is_half_as_large():
    original = SHIPPED.with_suffix(".tflite")
    assert len(litert_js.convert(original)) < 0.55 * original.stat().st_size


def test_every_path_is_relative_and_exists(site):
    document = (site.folder / "index.html").read_text(encoding="utf-8")
    paths = re.findall(r'(?:href|src|data-answers)="([^"#?]+)"', document)
    assert len(paths) > 20
    for path in paths:
        folder = site.folder / "pad" if path.startswith("./") else site.folder
        assert (folder / path).is_file(), path
    for module in site.folder.rglob("*.js"):
        for path in re.findall(r'(?:from|import\() ?"([^"]+)"', module.read_text(encoding="utf-8")):
            assert path.startswith("node:") or (module.parent / path).is_file(), f"{module.name}: {path}"


def test_content_security_policy_is_in_the_document(site):
    document = (site.folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', document)[1]
    beyond = {word for directive in policy.split("; ") for word in directive.split()[1:]} - {"'self'", "'none'"}
    assert "default-src 'self'" in policy
    assert beyond == {"'wasm-unsafe-eval'", "data:", "blob:"}  # the latter are pictures that the page makes


def test_files_are_small(site):
    sizes = {path.relative_to(site.folder): len(gzip.compress(path.read_bytes())) for path in site.folder.rglob("*.*")}
    of_reader = {path for path in sizes if path.parts[1:2] in (("reader",), ("litert",), ("networks",))}
    of_pad = {path for path in sizes if path.suffix in (".js", ".css", ".html")} - of_reader
    assert sum(sizes[path] for path in of_pad) < 100_000
    assert sum(sizes[path] for path in of_pad | of_reader) < 5_000_000


def test_settings_are_those_of_a_static_space(site):
    settings = SpaceCard.load(site.folder / "README.md").data
    assert (settings.sdk, settings.title, settings.license) == ("static", "Digit Pad", "mit")
    assert settings.sdk_version is settings.app_file is settings.python_version is None


def test_service_worker_keeps_every_file(site):
    script = (site.folder / "sw.js").read_text(encoding="utf-8")
    kept = json.loads(re.search(r"^const FILES = (.*);$", script, re.MULTILINE)[1])
    files = {path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*") if path.is_file()}
    assert set(kept) == files - {"index.html", "sw.js", "README.md"} | {"./"}


def test_link_preview_has_the_given_address(tmp_path):
    build(tmp_path / "site", "https://somebody.example/pad")
    document = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert 'property="og:image" content="https://somebody.example/pad/pad/preview/en.png"' in document


def test_other_folders_are_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(builder.SiteError, match="is not empty, and not a site"):
        build(tmp_path)
    assert (tmp_path / "thesis.txt").is_file()


def test_missing_litert_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "ROOT", tmp_path)
    with pytest.raises(builder.SiteError, match="npm ci"):
        builder.build(tmp_path / "site")


def opened(browser: Browser, site, **settings) -> Page:
    """Open the site in a new context; ``page.refused`` lists what its content security policy has refused."""
    page = browser.new_context(**settings).new_page()
    page.refused = []
    page.on("console", lambda line: page.refused.append(line.text) if "Content Security Policy" in line.text else None)
    return open_page(page, site)


@pytest.fixture
def page(browser, site):
    page = opened(browser, site, service_workers="block")  # it would answer before the routes of the tests
    yield page
    page.context.close()


def reload(page: Page) -> None:
    page.reload()
    expect(pad_of(page)).to_be_visible()


@pytest.mark.slow
def test_everything_comes_from_the_site_and_is_allowed(page):
    use_everything(page)
    expect(page.get_by_role("link", name="API")).not_to_be_visible()
    assert page.foreign_requests == []
    assert page.refused == []


@pytest.mark.slow
def test_drawing_is_answered_when_the_networks_have_loaded(page, site):
    page.goto("about:blank")  # so that the networks of the first visit are not waited for
    held = []
    page.route("**/networks/*", lambda route: held.append(route))
    page.goto(site.url)
    expect(pad_of(page)).to_be_visible()
    draw(page, 4)
    page.wait_for_timeout(1000)
    expect_invitation(page)
    assert len(held) == 2
    for route in held:
        route.continue_()
    expect_digit(page, 4)


@pytest.mark.slow
def test_networks_that_cannot_be_loaded_are_tried_again(page):
    page.route("**/networks/*", lambda route: route.abort())
    reload(page)
    draw(page, 4)
    expect_sentence(page, "Your drawing is kept")
    page.unroute("**/networks/*")
    expect_digit(page, 4)


@pytest.mark.slow
def test_missing_webassembly_is_told(page):
    script = "delete self.WebAssembly;\n" + (WEB / "reader" / "worker.js").read_text(encoding="utf-8")
    page.route("**/worker.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    reload(page)
    draw(page, 4)
    expect_sentence(page, "needs WebAssembly")


@pytest.mark.slow
def test_missing_javascript_is_told_in_every_language(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.url)
        shown = page.locator("noscript").inner_text().split("\n\n")
        assert shown == [messages["no_javascript"] for messages in MESSAGES.values()]


@pytest.mark.slow
def test_pictures_are_decoded_as_on_the_server(page):
    files = pictures()
    for name, answer in zip(files, read_in_browser(page, files.values()), strict=True):
        if UNDECODABLE.search(name):
            assert answer == {"code": "undecodable"}, name
        else:
            assert answer.get("digit") == DIGIT, name


@pytest.mark.slow
def test_answer_has_the_form_of_the_servers(page, classifier):
    lines = np.concatenate([number_picture("407"), 255 - to_uint8(mask(0, (180, 378), pen=0.5, height=0.9))])
    for file in (png(lines), png(number_picture("2")), png(np.full((90, 120), 255, np.uint8))):
        expected = Answers(classifier, None).read(file)
        (found,) = read_in_browser(page, [file])
        assert found.keys() == expected.keys()
        assert [found[key] for key in ("number", "digit", "reason")] == [
            expected[key] for key in ("number", "digit", "reason")
        ]
        for kind in ("digits", "rejected"):
            for mark, other in zip(found[kind], expected[kind], strict=True):
                assert mark.keys() == other.keys()
                assert mark["box"] == pytest.approx(other["box"], abs=0.005)
                assert mark["probabilities"] == pytest.approx(other["probabilities"], abs=0.01)
                for corner in (np.min, np.max):
                    outlines = [corner(np.concatenate(each["outline"]), axis=0) for each in (mark, other)]
                    assert outlines[0] == pytest.approx(outlines[1], abs=0.01)


@pytest.mark.slow
def test_too_many_pixels_are_told(page):
    (answer,) = read_in_browser(page, [png(np.zeros((8001, 8001), np.uint8))])
    assert answer == {"code": "too_large"}


@pytest.mark.slow
@pytest.mark.parametrize("language", MESSAGES)
def test_pictures_that_the_browser_cannot_open_are_told(browser, site, language, tmp_path):
    page = opened(browser, site, locale=language)
    Image.fromarray(picture(7)).save(tmp_path / "scan.tiff")
    upload(page, tmp_path / "scan.tiff")
    expect_note(page, MESSAGES[language]["undecodable"])
    page.context.close()


@pytest.mark.slow
def test_correction_is_a_file_that_the_server_takes(page, server):
    draw(page, 7)
    expect_digit(page, 7)
    page.get_by_role("button", name="Wrong?").click()
    expect(page.locator(".correction")).to_contain_text("a file with your picture")
    with page.expect_download() as download:
        page.locator(".choices").get_by_role("button", name="1", exact=True).click()
    expect(page.locator(".kept li")).to_contain_text("Saved: 1")
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)
    with urllib.request.urlopen(f"{server.url}/correct", download.value.path().read_bytes()) as response:
        assert json.load(response)["name"]
    folder = server.folder / "feedback"
    images, labels = load_corrections(folder)
    assert labels.tolist() == [1]
    assert images[0].max() > 200
    shutil.rmtree(folder)


@pytest.mark.slow
def test_space_is_linked_and_shared(browser, tmp_path):
    build(tmp_path / BASE, space="somebody/pad")
    with running_site(tmp_path) as site:
        page = opened(browser, site)
        duplicate = page.get_by_role("link", name="Duplicate this Space")
        assert duplicate.get_attribute("href") == "https://huggingface.co/spaces/somebody/pad?duplicate=true"
        page.context.close()


@pytest.mark.slow
def test_second_visit_needs_no_server(browser, tmp_path):
    build(tmp_path / BASE)
    with running_site(tmp_path) as site:
        page = opened(browser, site)
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.goto(f"{site.url}/#drawing=1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM")
    expect_digit(page, 4)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="A photo with a shadow").click()
    expect_digit(page, 5)
    page.context.close()


@pytest.mark.slow
def test_new_version_replaces_the_old_one_whole(browser, tmp_path, monkeypatch):
    build(tmp_path / BASE)
    with running_site(tmp_path) as site:
        page = opened(browser, site)
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        changed = shutil.copytree(WEB, tmp_path / "changed")
        english = MESSAGES["en"] | {"lead": "This is the new version."}
        (changed / "messages" / "en.json").write_text(json.dumps(english))
        monkeypatch.setattr(builder, "WEB", changed)
        build(tmp_path / BASE)
        page.goto(site.url)
        lead = page.locator("header p")
        expect(lead).to_have_text(MESSAGES["en"]["lead"])
        draw(page, 3)
        expect_digit(page, 3)
        # The browser looks for a new version some time after the page has loaded; here, at once.
        page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update()).then(() => null)")
        page.evaluate("""async () => {
            const { installing, waiting } = await navigator.serviceWorker.ready;
            if (waiting) return;
            await new Promise((resolve) => installing.addEventListener("statechange", resolve, { once: true }));
        }""")
        page.goto(site.url)
        expect(lead).to_have_text("This is the new version.")
        expect_digit(page, 3)  # the drawing survives
        assert len(page.evaluate("caches.keys()")) == 1
    page.goto(f"{site.url}/")  # offline
    expect(lead).to_have_text("This is the new version.")
    expect_digit(page, 3)
    page.context.close()
