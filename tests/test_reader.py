"""The reader in JavaScript, module by module, against Python's and OpenCV."""

import ast
import pathlib

import cv2
import numpy as np
import pytest

from model import activations, classifier, explanation
from model.network import base
from model.preparation import best_path, digits, frame, ink, lines, picture, pieces
from pad import answers
from tests.helpers.drawings import mask, number_picture
from tests.helpers.drawings import picture as drawing
from tests.helpers.encoding import data_url, png
from tests.helpers.modules import module_page

#: The modules in JavaScript, and those in Python whose constants they have.
MODULES = {
    "picture": [picture],
    "ink": [ink],
    "pieces": [pieces],
    "lines": [lines],
    "best_path": [best_path],
    "frame": [frame],
    "networks": [base],
    "answer": [classifier, answers],
    "explanation": [explanation],
    "activations": [activations],
}
#: Constants of Python's that the browser's reader does not need: of formats and pixels that the browser decodes, of
#: other people's networks, of what the server alone does, and names that are not numbers.
NOT_NEEDED = {
    picture: {
        "DECODED_SIDE",
        "DEPTHS",
        "FORMATS",
        "JPEG_END",
        "JPEG_START",
        "MAX_BYTES",
        "MAX_SMALL_RANGE",
        "OVERSHOOT",
        "TOO_LARGE",
    },
    ink: set(),
    pieces: {"PixelBox"},
    lines: set(),
    best_path: {"DIGIT_OR_NOT"},
    frame: set(),
    base: {"INPUT_SHAPES", "OUTPUT_SHAPES", "PROBE_FRAMES", "REJECTION_THRESHOLD", "SUM_TOLERANCE"},
    classifier: {"DECIMALS", "SHIPPED", "SHIPPED_INK"},
    answers: {"SAME_BOX", "SHOWN_SIDE", "TO_BGR"},
    explanation: set(),
    activations: {"CONVOLUTIONS"},
}
#: Calls a function of a module. Pictures, which JSON cannot hold, have their data as lists.
CALL = """async ([module, name, given]) => {
    const revive = (value) => {
        if (Array.isArray(value)) return value.map(revive);
        if (!value || typeof value !== "object") return value;
        if (value.data) return { ...value, data: Float32Array.from(value.data) };
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
    };
    const plain = (value) => {
        if (typeof value === "function") return plain(value());
        if (ArrayBuffer.isView(value) || Array.isArray(value)) return [...value].map(plain);
        if (!value || typeof value !== "object") return value;
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
    };
    const exported = await import(`/reader/${module}.js`);
    return plain(await exported[name](...given.map(revive)));
}"""


@pytest.fixture(scope="module")
def page(browser):
    with module_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def call(page):
    return lambda module, name, *given: page.evaluate(CALL, [module, name, given])


def plane(array: np.ndarray) -> dict:
    """Return an array, (h, w) or (h, w, channels), as JavaScript has pictures."""
    return {"width": array.shape[1], "height": array.shape[0], "data": array.ravel().tolist()}


def array(plane: dict) -> np.ndarray:
    return np.array(plane["data"]).reshape(plane["height"], plane["width"], -1).squeeze(2)


def constants(module) -> dict:
    """Return the constants that a module defines, by name, as JSON has them."""
    tree = ast.parse(pathlib.Path(module.__file__).read_text(encoding="utf-8"))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    names = {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return {name: as_json(getattr(module, name)) for name in names if name.isupper()}


def as_json(value):
    if isinstance(value, tuple):
        return [as_json(each) for each in value]
    return float(str(value)) if isinstance(value, np.float32) else value


@pytest.mark.parametrize("name", MODULES)
def test_constants_are_those_of_python(page, name):
    script = """async (name) => {
        const exported = Object.entries(await import(`/reader/${name}.js`));
        return Object.fromEntries(exported.filter(([, value]) => typeof value !== "function"));
    }"""
    expected = {}
    for module in MODULES[name]:
        expected |= {key: value for key, value in constants(module).items() if key not in NOT_NEEDED[module]}
    assert page.evaluate(script, name) == expected


def photo(seed: int, size: tuple[int, int] = (37, 53)) -> np.ndarray:
    """Return smooth noise, uint8."""
    noise = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1)


@pytest.mark.parametrize(
    ("method", "flag", "size"),
    [
        ("area", cv2.INTER_AREA, (20, 17)),
        ("area", cv2.INTER_AREA, (53, 36)),
        ("cubic", cv2.INTER_CUBIC, (120, 90)),
        ("linear", cv2.INTER_LINEAR, (61, 40)),
    ],
)
def test_resize_is_opencvs(call, method, flag, size):
    given = photo(1).astype(np.float32)
    resized = array(call("resize", "resize", plane(given), *size, method))
    assert resized == pytest.approx(cv2.resize(given, size, interpolation=flag), abs=1e-2)


def test_resize_keeps_channels_apart(call):
    given = np.dstack([photo(seed) for seed in range(4)]).astype(np.float32)
    resized = call("resize", "resize", plane(given), 20, 17, "area", 4)
    assert np.array(resized["data"]).reshape(17, 20, 4) == pytest.approx(
        cv2.resize(given, (20, 17), interpolation=cv2.INTER_AREA), abs=1e-2
    )


@pytest.mark.parametrize(
    ("beyond", "border"), [("reflect", cv2.BORDER_REFLECT), ("reflectAround", cv2.BORDER_REFLECT_101)]
)
@pytest.mark.parametrize("side", [3, 19, 81])
def test_box_blur_is_opencvs(page, beyond, border, side):
    given = photo(2).astype(np.float32)
    script = """async ([plane, side, beyond]) => {
        const blur = await import("/reader/blur.js");
        return [...blur.boxBlur(plane, side, blur[beyond]).data];
    }"""
    blurred = np.array(page.evaluate(script, [plane(given), side, beyond])).reshape(given.shape)
    assert blurred == pytest.approx(cv2.blur(given, (side, side), borderType=border), abs=1e-2)


@pytest.mark.parametrize("deviation", [0.7, 1.3, 6])
def test_gaussian_blur_is_opencvs(call, deviation):
    row = photo(3)[0].astype(np.float32)
    expected = cv2.GaussianBlur(row[None], (0, 0), deviation)[0]
    assert call("blur", "gaussianBlur", row.tolist(), deviation) == pytest.approx(expected, abs=1e-2)


def test_connected_components_are_opencvs(call):
    inside = (photo(4) > 128).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside)
    found = call("components", "connectedComponents", plane(inside))
    ours = array(found["labels"])
    assert len(found["components"]) == count - 1
    assert len(np.unique(np.stack([labels, ours], -1).reshape(-1, 2), axis=0)) == count, "the same, with other numbers"
    x, y, width, height, area = stats[labels[ours == 1][0]]
    assert found["components"][0] == {"label": 1, "box": [x, y, x + width, y + height], "area": area}


@pytest.mark.parametrize(("steps", "size"), [("STEPS_3", 3), ("STEPS_5", 5)])
def test_distances_are_opencvs(page, steps, size):
    outside = (photo(5) > 100).astype(np.uint8)
    script = """async ([plane, steps]) => {
        const distances = await import("/reader/distances.js");
        const found = distances.distanceTransform(plane, distances[steps]);
        return [[...found.distances], [...found.nearest]];
    }"""
    distances, nearest = page.evaluate(script, [plane(outside), steps])
    expected = cv2.distanceTransform(outside, cv2.DIST_L2, size)
    assert distances == pytest.approx(expected.ravel(), abs=1e-3)
    assert not outside.ravel()[nearest].any()


def test_nearest_zeros_are_opencvs(page):
    outside = (photo(6) > 100).astype(np.uint8)
    script = """async (plane) => {
        const { STEPS_5, distanceTransform } = await import("/reader/distances.js");
        return [...distanceTransform(plane, STEPS_5).nearest];
    }"""
    nearest = np.array(page.evaluate(script, plane(outside)))
    _, labels = cv2.distanceTransformWithLabels(outside, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    assert (labels.ravel()[nearest] == labels.ravel()).all()


def test_outlines_follow_the_edges_of_a_mask_and_its_holes(call):
    inside = np.zeros((40, 50), np.uint8)
    cv2.circle(inside, (25, 20), 15, 1, 6)
    outer, inner = sorted(call("outlines", "outlines", plane(inside)), key=len, reverse=True)
    for polygon in (outer, inner):
        distances = np.linalg.norm(np.array(polygon) - [25.5, 20.5], axis=1)
        assert np.ptp(distances) < 2
    drawn = np.zeros_like(inside)
    cv2.fillPoly(drawn, [np.floor(np.array(polygon)).astype(np.int32) for polygon in (outer, inner)], 1)
    assert (drawn != inside).mean() < 0.1


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("pen", [0.03, 0.1])
def test_frames_are_pythons(call, digit, pen):
    ink = mask(digit, size=(90, 70), pen=pen)
    assert array(call("frame", "makeFrame", plane(ink))) == pytest.approx(frame.make_frame(ink), abs=0.02)


@pytest.mark.parametrize("shift", [0, 3])
def test_pictures_in_mnists_form_are_frames(call, shift):
    drawn = np.roll(frame.to_uint8(frame.make_frame(mask(3))), shift, axis=1)
    for grey in (drawn, 255 - drawn):
        expected = frame.as_frame(grey)
        found = call("frame", "asFrame", plane(grey))
        assert (found is None) == (expected is None) == (shift == 3)
        if found:
            assert array(found) == pytest.approx(expected, abs=1e-6)


def test_standardised_pictures_are_pythons(call):
    grey = photo(7, (128, 128))
    assert call("ink", "standardised", plane(grey)) == pytest.approx(ink.standardised(grey).ravel(), abs=1e-3)


@pytest.mark.parametrize("number", ["4", "2026", "17\n380"])
def test_candidates_for_characters_are_pythons(call, number):
    drawn = 1 - number_picture(number, height=50) / np.float32(255)
    inked = {"ink": drawn, "contact": np.zeros_like(drawn)}
    expected = digits.segment(ink.InkMap(**inked))
    found = call("digits", "segment", {key: plane(value) for key, value in inked.items()} | {"box": [0, 0, 1, 1]})
    assert len(found["lines"]) == len(expected.lines)
    for ours, line in zip(found["lines"], expected.lines, strict=True):
        assert ours["height"] == line.height
        assert [tuple(piece["box"]) for piece in ours["pieces"]] == [piece.box for piece in line.pieces]
        assert [each["start"] for each in ours["candidates"]] == [each.start for each in line.candidates]
        for candidate, other in zip(ours["candidates"], line.candidates, strict=True):
            assert array(candidate["makeFrame"]) == pytest.approx(other.frame, abs=0.02)


@pytest.mark.parametrize("slant", [-0.6, 0, 0.4])
def test_touching_digits_are_cut_as_in_python(call, slant):
    drawn = np.zeros((60, 120), np.float32)
    cv2.circle(drawn, (40, 30), 20, 1, 5)
    cv2.circle(drawn, (76, 30), 20, 1, 5)
    drawn = cv2.warpAffine(drawn, np.array([[1, -slant, 30 * slant], [0, 1, 0]], float), (120, 60))
    contact = np.zeros_like(drawn)
    contact[:, 56:60] = drawn[:, 56:60]
    for given in (np.zeros_like(drawn), 0.3 * contact, contact):
        (line,) = digits.segment(ink.InkMap(drawn, given)).lines
        found = call("digits", "segment", {"ink": plane(drawn), "contact": plane(given), "box": [0, 0, 1, 1]})
        assert [tuple(piece["box"]) for piece in found["lines"][0]["pieces"]] == [piece.box for piece in line.pieces]
        assert found["lines"][0]["contacts"] == pytest.approx(line.contacts)
        assert len(line.pieces) > 1


# The path through the first line of an ink map, where the network predicts a candidate by its index.
BEST_PATH = """async ([inkMap, predictions]) => {
    const { segment } = await import("/reader/digits.js");
    const { bestPath } = await import("/reader/best_path.js");
    for (const plane of [inkMap.ink, inkMap.contact]) plane.data = Float32Array.from(plane.data);
    const [line] = segment(inkMap).lines;
    line.candidates.forEach((candidate, index) => { candidate.makeFrame = () => index; });
    const path = await bestPath(line, async (index) => predictions[index]);
    return path.map(({ frame, isDigit, probabilities }) => [frame, isDigit, probabilities]);
}"""


@pytest.mark.parametrize("seed", range(20))
def test_best_path_is_pythons(page, seed):
    random = np.random.default_rng(seed)
    drawn = np.zeros((40, 200), np.float32)
    drawn[10:30, np.arange(200) % 23 < random.integers(8, 18)] = 1
    contact = random.uniform(0, 0.4, drawn.shape).astype(np.float32)
    (line,) = digits.segment(ink.InkMap(drawn, contact)).lines
    probabilities = random.dirichlet([0.1] * 10, len(line.candidates)).astype(np.float32)
    not_digit = random.uniform(0, 1, len(line.candidates)).astype(np.float32) ** 3

    def classify(candidates: list[lines.Candidate]) -> tuple[np.ndarray, np.ndarray]:
        indices = [line.candidates.index(candidate) for candidate in candidates]
        return probabilities[indices], not_digit[indices]

    given = {"ink": plane(drawn), "contact": plane(contact), "box": [0, 0, 1, 1]}
    pairs = zip(probabilities.tolist(), not_digit.tolist(), strict=True)
    predictions = [{"probabilities": each, "notDigit": other} for each, other in pairs]
    path = best_path.best_path(line, classify)
    expected = [[line.candidates.index(step.candidate), step.is_digit, step.probabilities.tolist()] for step in path]
    assert page.evaluate(BEST_PATH, [given, predictions]) == expected


COLOURS = {
    "yellow on white": ((255, 220, 60), (250, 250, 250)),
    "blue on red": ((40, 60, 220), (200, 70, 60)),
    "grey": ((60, 60, 60), (210, 210, 210)),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_become_grey_as_in_python(page, name):
    colour, paper = (np.array(each, np.float32) for each in COLOURS[name])
    drawn = mask(5, size=(150, 130))[..., None]
    pixels = (paper * (1 - drawn) + colour * drawn + np.random.default_rng(0).normal(0, 2, drawn.shape)).clip(0, 255)
    expected = picture.load_grey(pixels.astype(np.uint8))
    assert grey_of(page, png(pixels.astype(np.uint8))) == pytest.approx(expected.astype(float), abs=2)


def grey_of(page, encoded: bytes) -> np.ndarray:
    script = """async (bytes) => {
        const { loadGrey } = await import("/reader/picture.js");
        const { width, height, data } = await loadGrey(new Blob([new Uint8Array(bytes)]));
        return { width, height, data: [...data] };
    }"""
    return array(page.evaluate(script, list(encoded)))


def test_large_pictures_are_shrunk_as_in_python(page):
    grey = drawing(5, size=(1300, 999))
    expected = picture.load_grey(grey)
    assert grey_of(page, png(grey)) == pytest.approx(expected.astype(float), abs=1)


@pytest.mark.parametrize("kind", ["ink on nothing", "white ink on nothing", "a photo with a hole"])
def test_transparent_pictures_are_laid_on_paper_as_in_python(page, kind):
    opacity = frame.to_uint8(mask(7, size=(120, 100)))
    colours = np.zeros((120, 100, 3), np.uint8)
    if kind == "white ink on nothing":
        colours += 255
    if kind == "a photo with a hole":
        colours, opacity = np.dstack(3 * [photo(9, (120, 100))]), np.full((120, 100), 255, np.uint8)
        opacity[:20] = 0
    rgba = np.dstack([colours, opacity])
    difference = grey_of(page, png(rgba)) - picture.load_grey(rgba).astype(float)
    assert np.abs(difference).max() <= 2


def test_activations_are_shown_as_in_python(call):
    layer = np.random.default_rng(0).normal(size=(7, 5, 10)).astype(np.float32)
    given = plane(layer[..., 0]) | {"filters": 10, "data": layer.ravel().tolist()}
    assert array(call("activations", "tiles", given)) == pytest.approx(activations.tiles(layer).astype(float), abs=1)


def test_attribution_is_pythons(page):
    drawn = frame.make_frame(mask(7))
    script = """async (frame) => {
        const { occlusion, saliencyMap } = await import("/reader/explanation.js");
        const plane = { ...frame, data: Float32Array.from(frame.data) };
        const weights = plane.data.map((_, index) => (index % 28) / 1000);
        const network = async ({ data }) => {
            const one = data.reduce((sum, value, index) => sum + value * weights[index], 0);
            return { probabilities: [one / (1 + one), ...Array(9).fill(1 / (1 + one) / 9)] };
        };
        const attribution = await occlusion(network, plane, 0);
        return [[...attribution.data], [...saliencyMap(plane, attribution).data]];
    }"""
    attribution, colours = page.evaluate(script, plane(drawn))

    def network(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        one = (frames * np.arange(28)[None, None] / 1000).sum(axis=(1, 2))
        return np.stack([one / (1 + one)] + [1 / (1 + one) / 9] * 9, axis=1), np.zeros(len(frames))

    expected = explanation.occlusion(network, drawn, 0)
    assert np.array(attribution).reshape(28, 28) == pytest.approx(expected, abs=1e-4)
    shown = np.array(colours).reshape(28, 28, 4)
    inked = drawn > 0.5
    whole = explanation.saliency_map(np.ones_like(drawn), expected)
    assert np.abs(shown[..., :3][inked] - whole[inked].astype(int)).max() <= 2
    assert shown[..., 3] == pytest.approx(255 * drawn, abs=1)


def test_frames_are_decoded_exactly(page):
    drawn = frame.to_uint8(frame.make_frame(mask(2)))
    script = """async (url) => {
        const { width, height, data } = await (await import("/reader/png.js")).decodeGrey(url);
        return { width, height, data: [...data] };
    }"""
    assert (array(page.evaluate(script, data_url(png(drawn)))) == drawn).all()
