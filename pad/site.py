"""Write the page as static files, which read pictures in the browser itself: python -m pad.site

The folder can be served from any path of any server of files, such as a static Space or GitHub Pages.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import sys

from huggingface_hub import SpaceCard

from model.classifier import SHIPPED, SHIPPED_INK
from model.network.litert_js import convert
from pad.document import DEFAULT_LANGUAGE, MESSAGES, SERVER, WEB, front_end, head

ROOT = pathlib.Path(__file__).parent.parent
#: The files of LiteRT.js by their names in the site. Of its builds this one runs in every browser that it supports, and
#: is as fast as the others for networks so small.
LITERT = {
    "litert.js": "core/dist/index.js",
    "wasm_utils.js": "wasm-utils/dist/index.js",
    "litert_wasm_compat_internal.js": "core/wasm/litert_wasm_compat_internal.js",
    "litert_wasm_compat_internal.wasm": "core/wasm/litert_wasm_compat_internal.wasm",
}
#: The name by which the one script imports the other, which browsers cannot resolve.
BARE_IMPORT, RELATIVE_IMPORT = '"@litertjs/wasm-utils"', '"./wasm_utils.js"'
#: The module that reads in the browser.
BROWSER = "reader/browser.js"
#: What is left out of the front end's files: the server's part, and what becomes index.html and sw.js.
LEFT_OUT = (SERVER, "page.html", "service_worker.js")
#: Everything comes from the site itself. The page may compile WebAssembly, and shows pictures that it makes.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
README = """
# Digit Pad

Draw digits or photograph them, and get the right answer at once. Pictures are read in your browser, and never leave it.

These are static files, which `make site` has written. `pad/litert/` is
[LiteRT.js](https://www.npmjs.com/package/@litertjs/core), under the Apache License 2.0; the rest is under the MIT
License.
"""


class SiteError(Exception):
    """The site cannot be written. The message is one sentence."""


def build(output: pathlib.Path, url: str = ".", space: str = "") -> None:
    """Write the site.

    Args:
        output: the folder, which is replaced if it holds a site.
        url: the address of the page, for link previews, which need it.
        space: the name of the Space that it will be on, such as "somebody/digit-pad", for links to it; or "".

    Raises:
        SiteError: the folder holds something else, or LiteRT.js is not installed.
    """
    packages = ROOT / "node_modules" / "@litertjs"
    if not packages.is_dir():
        raise SiteError("LiteRT.js is not installed: run npm ci --ignore-scripts.")
    if output.exists():
        if any(output.iterdir()) and not (output / "sw.js").is_file():
            raise SiteError(f"{output} is not empty, and not a site.")
        shutil.rmtree(output)
    shutil.copytree(WEB, output / "pad", ignore=shutil.ignore_patterns(*LEFT_OUT))
    _write_litert(packages, output / "pad" / "litert")
    networks = output / "pad" / "networks"
    networks.mkdir()
    (networks / "digits.tflite").write_bytes(convert(SHIPPED.with_suffix(".tflite")))
    shutil.copy(SHIPPED_INK, networks / "ink.tflite")
    (output / "index.html").write_text(_document(url, space), encoding="utf-8")
    (output / "sw.js").write_text(_service_worker(output), encoding="utf-8")
    (output / "README.md").write_text(_readme(), encoding="utf-8")


def _write_litert(packages: pathlib.Path, folder: pathlib.Path) -> None:
    folder.mkdir()
    for name, source in LITERT.items():
        shutil.copyfile(packages / source, folder / name)
    script = folder / "litert.js"
    script.write_text(script.read_text(encoding="utf-8").replace(BARE_IMPORT, RELATIVE_IMPORT), encoding="utf-8")


def _document(url: str, space: str) -> str:
    sentences = [f'<p lang="{language}">{messages["no_javascript"]}</p>' for language, messages in MESSAGES.items()]
    return f"""<!doctype html>
<html lang="{DEFAULT_LANGUAGE}">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
{head(url, DEFAULT_LANGUAGE, BROWSER)}
</head>
<body>
<noscript>{"".join(sentences)}</noscript>
<main>{front_end(BROWSER, space)}</main>
</body>
</html>
"""


def _service_worker(output: pathlib.Path) -> str:
    """Return the script that keeps the site's files, which changes whenever one of them does."""
    paths = sorted(path for path in output.rglob("*") if path.is_file())
    contents = hashlib.sha256()
    for path in paths:
        contents.update(path.read_bytes())
    files = ["./", *(path.relative_to(output).as_posix() for path in paths if path.name != "index.html")]
    constants = f"const VERSION = {json.dumps(contents.hexdigest())};\nconst FILES = {json.dumps(files)};\n"
    return constants + (WEB / "reader" / "service_worker.js").read_text(encoding="utf-8")


def _readme() -> str:
    """Return the README of a static Space, with the settings of the repository's README as far as it has them."""
    settings = SpaceCard.load(ROOT / "README.md").data
    settings.sdk = "static"
    settings.sdk_version = settings.python_version = settings.app_file = None
    return f"---\n{settings}\n---\n{README}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pad.site", description=__doc__.partition(":")[0] + ".")
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path("site"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--url", default=".", help="the page's address, which link previews need")
    parser.add_argument("--space", default="", metavar="YOU/NAME", help="the Space that it will be on")
    options = parser.parse_args()
    try:
        build(options.output, options.url, options.space)
    except SiteError as error:
        sys.exit(f"python -m pad.site: {error}")


if __name__ == "__main__":
    main()
