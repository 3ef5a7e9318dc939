"""Unit tests of the front end's modules: in the browser, without the server."""

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pad import MESSAGES, web_route
from tests.helpers.modules import URL, module_page

#: A link to an open 4, as the first version of the pad made it, and its corners: x and y in 0..511.
OLD_LINK = "1.n5inSVnrOlek.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM"
OLD_CORNERS = [
    [[319, 98], [314, 149], [317, 206], [299, 420]],
    [
        *([185, 108], [180, 106], [184, 111], [161, 188], [162, 213], [155, 274], [155, 271]),
        *([158, 275], [163, 272], [200, 280], [275, 281], [360, 272], [362, 268]),
    ],
]


@pytest.fixture(scope="module")
def page(browser):
    with module_page(browser, locale="en-US") as page:
        yield page


@pytest.fixture(scope="module")
def call(page):
    """Call a function that a module exports, with arguments that JSON can hold."""

    def call(module: str, function: str, *arguments):
        script = "([module, name, given]) => import(`/${module}.js`).then((exports) => exports[name](...given))"
        return page.evaluate(script, [module, function, arguments])

    return call


def hand(seed: int, points: int = 60) -> list[list[float]]:
    """Return a random stroke that bends as a hand does."""
    random = np.random.default_rng(seed)
    turns = random.normal(0, 0.4, points).cumsum()
    path = random.uniform(0.3, 0.7, 2) + 0.3 * np.stack([np.cos(turns), np.sin(turns)], 1).cumsum(0) / points
    return [[x, y, 0.5] for x, y in path.tolist()]


def stroke(points: list, erases: bool = False) -> dict:
    return {"erases": erases, "points": points}


def distance_to_line(point: np.ndarray, line: np.ndarray) -> float:
    """Return the distance from a point to the nearest segment of a polyline."""
    starts, ends = line[:-1], line[1:]
    along = ends - starts
    squared = np.maximum((along**2).sum(1), 1e-12)
    fraction = (((point - starts) * along).sum(1) / squared).clip(0, 1)
    return float(np.linalg.norm(starts + fraction[:, None] * along - point, axis=1).min())


def coordinates(points: list) -> np.ndarray:
    return np.array(points)[:, :2]


@pytest.mark.parametrize("seed", range(5))
def test_decode_restores_encoded_drawings_within_tolerance(call, seed):
    drawing = [stroke(hand(seed)), stroke(hand(seed + 100), erases=True), stroke([[0.25, 0.75, 0.5]])]
    decoded = call("link", "decode", call("link", "encode", drawing))
    assert [each["erases"] for each in decoded] == [False, True, False]
    for before, after in zip(drawing, decoded, strict=True):
        line = coordinates(after["points"])
        tolerance = 0.005 + 0.5 * 2**0.5 / 511  # of the simplification, and of the rounding
        for point in coordinates(before["points"]):
            assert distance_to_line(point, np.vstack([line, line[-1:]])) <= tolerance + 1e-9


def test_decode_opens_old_links(call):
    drawing = call("link", "decode", OLD_LINK)
    assert [each["erases"] for each in drawing] == [False, False]
    for decoded, corners in zip(drawing, OLD_CORNERS, strict=True):
        points = coordinates(decoded["points"]) * 511
        assert len(points) == 3 * len(corners) - 2  # each corner has a point close to it on each side
        assert points[[0, *range(3, len(points) - 1, 3), -1]] == pytest.approx(np.array(corners))


def test_decode_adds_points_next_to_corners(call):
    (line,) = call("link", "decode", "1.AAA_4A")  # from (0, 0) to (1, 0)
    assert line["points"] == [[0, 0, 0.5], [pytest.approx(0.02), 0, 0.5], [pytest.approx(0.98), 0, 0.5], [1, 0, 0.5]]


def test_encode_keeps_its_format(call):
    assert call("link", "encode", [stroke([[0, 0, 0.5], [0.5, 0, 1], [1, 0, 0.1]])]) == "1.AAA_4A"
    assert call("link", "encode", [stroke([[1, 1, 0.5]], erases=True), stroke([[-2, 5, 0.5]])]) == "1~___.AH_"


@pytest.mark.parametrize("name", ["crossed_seven", "open_four", "footed_one", "letter", "scribble"])
def test_examples_can_be_decoded_and_have_names(page, call, name):
    text = page.evaluate("(name) => import('/examples.js').then(({ EXAMPLES }) => EXAMPLES[name])", name)
    assert len(call("link", "decode", text)) >= 1
    assert call("messages", "message", name)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.", "1.ab", "2.abc", "1.abc.", "1.abcd", "1.a%20c", "1.<b>", "1.ab=", "1abc", "%F0%9F%98%80", "1.ab\n"],
)
def test_decode_rejects_malformed_links(call, text):
    assert call("link", "decode", text) is None


def test_decode_rejects_links_of_too_many_points(call):
    assert call("link", "decode", "1." + "AAA__A" * 2499) is not None
    assert call("link", "decode", "1." + "AAA__A" * 2500) is None


def test_decode_accepts_many_strokes(call):
    assert len(call("link", "decode", "1" + ".AAA___" * 2000)) == 2000


def test_encode_cuts_long_drawings_to_the_limit(call):
    points = np.random.default_rng(0).uniform(size=(20_000, 2)).round(4).tolist()
    text = call("link", "encode", [stroke([[x, y, 0.5] for x, y in points])])
    assert 5000 < len(text) <= 15_000
    assert call("link", "decode", text) is not None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tolerance", [0.002, 0.01, 0.05])
def test_simplify_keeps_endpoints_and_stays_within_tolerance(call, seed, tolerance):
    points = hand(seed, points=200)
    simplified = call("simplify", "simplify", points, tolerance)
    assert (simplified[0], simplified[-1]) == (points[0], points[-1])
    places = [points.index(point) for point in simplified]
    assert places == sorted(places)
    assert len(simplified) < len(points)
    for point in coordinates(points):
        assert distance_to_line(point, coordinates(simplified)) <= tolerance + 1e-9


def test_simplify_keeps_only_what_a_line_needs(call):
    line = [[x / 100, x / 200, 0.5] for x in range(101)]
    assert call("simplify", "simplify", line, 0.001) == [line[0], line[-1]]
    corner = [*line, *([1, y / 200, 0.5] for y in range(99, -1, -1))]
    assert call("simplify", "simplify", corner, 0.001) == [line[0], line[-1], corner[-1]]


def test_simplify_keeps_single_points_and_closed_lines(call):
    assert call("simplify", "simplify", [[0.5, 0.5, 0.5]], 0.01) == [[0.5, 0.5, 0.5]]
    square = [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1], [0, 0, 1]]
    assert call("simplify", "simplify", square, 0.01) == square


def test_simplify_has_no_limit_of_depth(call):
    radius = np.geomspace(1, 1e-3, 5000)
    angle = np.arange(5000) * 2
    spiral = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).tolist()
    assert len(call("simplify", "simplify", spiral, 1e-6)) > 4000


@pytest.fixture(scope="module")
def ink(page):
    """The fraction of a canvas that a drawing covers."""

    def ink(drawing: list) -> float:
        script = """async (drawing) => {
            const { paint } = await import("/drawing.js");
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 100;
            paint(canvas, drawing);
            const { data } = canvas.getContext("2d").getImageData(0, 0, 100, 100);
            return data.reduce((sum, value, index) => sum + (index % 4 === 0 ? 255 - value : 0), 0) / 255 / 10_000;
        }"""
        return page.evaluate(script, drawing)

    return ink


def test_paint_draws_wider_lines_with_more_pressure(ink):
    widths = [ink([stroke([[0.2, 0.5, force], [0.8, 0.5, force]])]) for force in (0, 0.25, 0.5, 0.75, 1)]
    assert all(np.diff(widths) > 0.1 * widths[2])


def test_paint_draws_as_wide_as_the_pen_and_erases(ink):
    line = stroke([[0, 0.5, 0.5], [1, 0.5, 0.5]])
    assert ink([]) == 0
    assert ink([line]) == pytest.approx(0.04, rel=0.1)
    assert ink([line, stroke(line["points"], erases=True)]) == 0
    assert ink([line, stroke([[0.5, 0, 0.5], [0.5, 1, 0.5]], erases=True)]) == pytest.approx(0.85 * 0.04, rel=0.1)


@pytest.mark.parametrize(
    ("reported", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("fr-CA", "fr"),
        ("es-419", "es"),
        ("ja-JP", "ja"),
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("zh-HK", "en"),
        ("zh", "en"),
        ("it-IT", "en"),
        ("DE", "en"),
        ("", "en"),
    ],
)
def test_language_is_chosen_from_the_browsers(call, reported, language):
    assert call("messages", "chooseLanguage", reported) == language


def test_only_the_visitors_messages_are_loaded(browser):
    with module_page(browser, locale="fr-CH") as page:
        loaded = []
        page.on("request", lambda request: loaded.append(request.url.removeprefix(URL)))
        assert page.evaluate("import('/messages.js').then(({ message }) => message('undo'))") == "Annuler"
        assert [url for url in loaded if url.startswith("messages/")] == ["messages/fr.json"]


def digit(*probabilities: float) -> dict:
    likely = list(probabilities) + [0.0] * (10 - len(probabilities))
    return {"digit": int(np.argmax(likely)), "probability": max(likely), "probabilities": likely}


def answer(*digits: dict, **values) -> dict:
    return {"digits": list(digits), "rejected": [], "frame": "data:", "reason": None, "given": [], **values}


PHOTO = {"file": {}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, ""),
        (answer(digit(0.02, 0.98)), ""),
        (answer(digit(0.2, 0.8)), ""),
        (answer(digit(0.2, 0.79, 0.01)), "1, or perhaps 0"),
        (answer(reason="blank"), "There is nothing to read here."),
        (answer(reason="blank", given=PHOTO), "No handwriting was found in this photo."),
        (answer(reason="not a digit"), MESSAGES["en"]["rejected"]),
        (
            answer(reason="not a digit", given=PHOTO),
            MESSAGES["en"]["rejected_photo"],
        ),
        (answer(digit(0.1, 0.9), digit(0.2, 0.8), reason="several digits"), ""),
        (answer(digit(0.1, 0.9), rejected=[digit(0.5)] * 2), "Not shaped like one digit: 2."),
        (answer(digit(0.2, 0.79), rejected=[digit(0.5)]), "1, or perhaps 0 · Not shaped like one digit: 1."),
        (answer(digit(0.1, 0.79), digit(0.3, 0.1, 0.6), digit(1.0), reason="several digits"), "The 2 is uncertain."),
        ({"code": "lost", "given": []}, "No answer from the server. Your drawing is kept; trying again…"),
        ({"code": "lost", "given": PHOTO}, "No answer from the server. Your photo is kept; trying again…"),
        ({"code": "busy", "error": "Too many.", "given": []}, "The server is busy. Please try again."),
        ({"code": "new_code", "error": "Something new.", "given": []}, "Something new."),
    ],
)
def test_sentence_about_an_answer(call, given, sentence):
    assert call("sentence", "sentence", given) == sentence


def test_least_probable_digit_is_the_one_to_look_at(call):
    assert call("sentence", "leastProbable", [digit(0.1, 0.9), digit(0.4, 0.6), digit(1.0)]) == 1
    assert call("sentence", "leastProbable", [digit(1.0)]) == 0


@pytest.mark.parametrize("fraction", [0, 0.3, 0.5, 0.9])
def test_beginning_of_a_drawing_has_that_part_of_its_strokes(call, fraction):
    drawing = [stroke([[x / 10, 0, 0.5] for x in range(11)]), stroke([[x / 10, 1, 0.5] for x in range(11)])]
    strokes = call("replay", "beginning", drawing, 2 * fraction + 1e-9)
    drawn = sum(len(each["points"]) - 1 for each in strokes) / 10
    assert drawn == pytest.approx(2 * fraction, abs=0.11)
    assert strokes[0]["points"][0] == [0, 0, 0.5]
    assert all(each["points"] for each in strokes)


def test_beginning_of_a_drawing_ends_with_all_of_it(call):
    drawing = [stroke([[0, 0, 0.5], [1, 1, 0.5]]), stroke([[0.5, 0.5, 0.5]])]
    assert call("replay", "beginning", drawing, 10) == drawing


def test_history_undoes_and_redoes(page):
    seen = page.evaluate("""async () => {
        const { DrawingHistory } = await import("/history.js");
        const history = new DrawingHistory("");
        const seen = [];
        const see = (done) => seen.push([done ?? null, history.drawing, history.canUndo, history.canRedo]);
        see(history.undo());
        history.change("a"); history.amend("ab"); history.change("abc"); see();
        see(history.undo()); see(history.undo()); see(history.redo());
        history.change("x"); see(history.redo());
        return seen;
    }""")
    assert seen == [
        [False, "", False, False],
        [None, "abc", True, False],
        [True, "ab", True, True],
        [True, "", False, True],
        [True, "ab", True, True],
        [False, "x", True, False],
    ]


def test_reader_asks_one_question_at_a_time_and_last_about_the_last_drawing(page):
    asked, shown = page.evaluate("""async () => {
        const { Reader } = await import("/reader.js");
        const [asked, shown, answers] = [[], [], []];
        const ask = (drawing) => new Promise((resolve) => {
            asked.push(drawing[0].points.length);
            answers.push(resolve);
        });
        const reader = new Reader(ask, (answer) => shown.push(answer && answer.digit));
        const turn = () => new Promise((resolve) => setTimeout(resolve));
        const start = [0, 0, 0.5];
        const drawing = (length) => [{ points: [start, ...Array(length - 1).fill([1, 1, 0.5])] }];
        for (const length of [1, 2, 3]) reader.read(drawing(length));
        answers[0]({ digit: 1 }); await turn();
        answers[1]({ digit: 3 }); await turn();
        reader.read(null); // cleared
        reader.read([{ points: [[0.5, 0.5, 0.5]] }]); // another one
        reader.read(null);
        answers[2]({ digit: 5 }); await turn(); // too late
        return [asked, shown];
    }""")
    assert asked == [1, 3, 1]
    assert shown == [1, 3, None]


def test_files_are_served_for_revalidation():
    client = TestClient(Starlette(routes=[web_route()]))
    response = client.get("/pad/page.js")
    assert response.headers["content-type"].partition(";")[0] in ("text/javascript", "application/javascript")
    assert response.headers["cache-control"] == "no-cache"
    again = client.get("/pad/page.js", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")
    assert client.get("/pad/messages/de.json").json()["undo"] == "Rückgängig"
    assert client.get("/pad/none.js").status_code == 404
    assert client.get("/pad/../__init__.py").status_code == 404
    assert client.get("/pad/%2e%2e/__init__.py").status_code == 404
