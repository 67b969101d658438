"""The board in a real browser: by keyboard alone, live, in both twins, small, and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from api.workflow import State
from tests.api.house import House
from tests.api.pages.conftest import Person

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
Somebody = Callable[..., Person]
DAY = "day=2026-10-05"


@pytest.fixture
def offered(house: House) -> tuple[str, str, str]:
    """A duty of Essen, the request that is proposed for it, and one that waits in Cologne."""
    key, request = house.duty(), house.pooled(1)
    house.match()
    other = house.pooled(2, place="05315000")
    return key, request, other


def drawn(page: Page) -> None:
    """Wait until the map is there: it is made by script, after the page."""
    page.wait_for_selector("#map .outline")
    page.wait_for_selector("#map .spot")


def listening(page: Page) -> None:
    page.wait_for_selector("#live:has-text('live')")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focus_on(page: Page, selector: str) -> None:
    """Come to an element by Tab alone."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_it_keeps_the_rules_of_accessibility(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    person = somebody("ltrako")
    for query in (
        f"{DAY}&chosen={offered[1]}&bezirk=051",
        f"{DAY}&time=table&map=table&chosen={offered[0]}",
        "zoom=week",
    ):
        page = person.go(f"/board?{query}")
        if "map=table" not in query:
            drawn(page)
        person.check()


def test_filters_by_keyboard_change_all_three_and_the_address(
    somebody: Somebody, offered: tuple[str, str, str]
) -> None:
    _, request, other = offered
    person = somebody("ltrako")
    page = person.go(f"/board?{DAY}")
    drawn(page)
    expect(page.locator(".req")).to_have_count(2)
    expect(page.locator("#map .spot")).to_have_count(2)
    focus_on(page, "summary")
    press(page, "Enter")
    focus_on(page, "input[name=bezirk][value='053']")
    press(page, "Space")
    expect(page.locator(".req")).to_have_count(1)
    expect(page.locator(f"#r-{other}")).to_be_visible()
    expect(page.locator("#map .spot")).to_have_count(1)
    expect(page.locator(f"#t-{request}")).to_have_count(0)
    assert "bezirk=053" in page.url
    assert "day=2026-10-05" in page.url
    # The focus is where it was, so that the next filter is one key away.
    assert page.evaluate("document.activeElement.value") == "053"
    page.go_back()
    expect(page.locator(".req")).to_have_count(2)
    assert page.locator("input[name=bezirk][value='053']").is_checked() is False


def test_a_filter_is_saved_and_called_by_keyboard(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    person = somebody("essen")
    page = person.go("/board?bezirk=053")
    focus_on(page, "#saved-box summary")
    press(page, "Enter")
    focus_on(page, "#f-name")
    page.keyboard.type("Köln")
    press(page, "Enter")
    page.wait_for_selector(".saved a", state="attached")
    expect(page).to_have_url(re.compile(r"/board\?bezirk=053$"))
    page = person.go("/board")
    expect(page.locator(".req")).to_have_count(2)
    focus_on(page, "#saved-box summary")
    press(page, "Enter")
    person.check()
    focus_on(page, ".saved a")
    press(page, "Enter")
    page.wait_for_url("**/board?bezirk=053")
    expect(page.locator(".req")).to_have_count(1)


def test_choosing_by_arrow_keys_marks_list_time_line_and_map(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    key, request, other = offered
    person = somebody("essen")
    page = person.go(f"/board?{DAY}")
    drawn(page)
    focus_on(page, "#pool a")
    # Only one stop in each part: Tab goes on to the next.
    expect(page.locator("#pool a[tabindex='0']")).to_have_count(1)
    press(page, "End", "ArrowUp", "Enter")
    page.wait_for_url(f"**chosen={request}")
    expect(page.locator(f"#r-{request}.is-chosen")).to_be_visible()
    expect(page.locator(f"#t-{request}.is-chosen")).to_be_visible()
    expect(page.locator(f"#d-{key}.is-chosen")).to_be_visible()
    expect(page.locator("#map .spot.is-chosen")).to_have_count(1)
    expect(page.locator("#map .way--proposed.is-chosen")).to_have_count(1)
    expect(page.locator("#details h3").first).to_contain_text("Essen → ")
    expect(page.locator("#details a[href^='/requests/']")).to_have_count(1)
    assert page.evaluate("document.activeElement.closest('li').id") == f"r-{request}"
    press(page, "ArrowDown", "Enter")
    page.wait_for_url(f"**chosen={other}")
    expect(page.locator(".is-chosen.req")).to_have_count(1)
    press(page, "Escape")
    page.wait_for_url(re.compile(r"/board\?day=2026-10-05$"))
    expect(page.locator(".is-chosen")).to_have_count(0)
    # In the time line: the duty first, then who rides on it.
    focus_on(page, "#time a")
    assert page.evaluate("document.activeElement.id") == f"d-{key}"
    press(page, "ArrowRight")
    assert page.evaluate("document.activeElement.id") == f"t-{request}"
    press(page, "ArrowLeft", "Enter")
    page.wait_for_url(f"**chosen={key}")
    expect(page.locator(f"#r-{request}.is-chosen")).to_be_visible()
    # On the map.
    for button in ("Enter", "Space"):
        focus_on(page, "#map .spot:not(.is-chosen)")
        before = page.url
        press(page, button)
        page.wait_for_function("before => location.href !== before", arg=before)
        page.wait_for_function("() => document.activeElement.matches('#map .spot.is-chosen')")
        expect(page.locator("#map .spot.is-chosen")).to_have_count(1)


def at(page: Page) -> str:
    """Return the id of what has the focus, or of the item of the list that it is in."""
    return str(page.evaluate("(document.activeElement.id || document.activeElement.closest('[id]').id)"))


def test_enter_on_what_is_chosen_leads_to_the_details_and_escape_back(
    somebody: Somebody, offered: tuple[str, str, str]
) -> None:
    key, request, _ = offered
    page = somebody("essen").go(f"/board?{DAY}")
    drawn(page)
    focus_on(page, "#pool a")
    press(page, "End", "ArrowUp", "Enter")
    page.wait_for_url(f"**chosen={request}")
    expect(page.locator("#details h3").first).to_be_visible()
    page.evaluate("window.wasHere = true")
    press(page, "Enter")
    assert at(page) == "head-details"
    press(page, "Tab")
    assert page.evaluate("document.activeElement.closest('#details') !== null"), "what can be done is one key away"
    press(page, "Escape")
    assert at(page) == f"r-{request}"
    assert f"chosen={request}" in page.url, "nothing is let go by it"
    # The link beside the list does the same.
    press(page, "Tab")
    assert at(page) == "to-details"
    expect(page.locator("#to-details")).to_be_in_viewport()
    press(page, "Enter")
    assert at(page) == "head-details"
    press(page, "Escape")
    assert at(page) == f"r-{request}"
    # So it is from the time line; a duty that is marked because of its rider is chosen first.
    focus_on(page, "#time a")
    press(page, "Home")
    assert at(page) == f"d-{key}"
    press(page, "Enter")
    page.wait_for_url(f"**chosen={key}")
    expect(page.locator("#details")).to_contain_text("Fahrten")
    press(page, "Enter")
    assert at(page) == "head-details"
    press(page, "Escape")
    assert at(page) == f"d-{key}"
    # And from the map.
    focus_on(page, "#map .spot")
    press(page, "Enter")
    page.wait_for_function("key => !location.search.includes(key)", arg=key)
    page.wait_for_function("() => document.activeElement.matches('#map .spot.is-chosen')")
    press(page, "Enter")
    assert at(page) == "head-details"
    press(page, "Escape")
    assert page.evaluate("document.activeElement.matches('#map .spot.is-chosen')")
    press(page, "Escape")
    page.wait_for_url(re.compile(r"/board\?day=2026-10-05$"))
    assert page.evaluate("window.wasHere") is True, "no page was loaded anew"


def test_without_script_the_details_are_one_link_away(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    person = somebody(None, java_script_enabled=False)
    person.sign_in("essen")
    page = person.go(f"/board?{DAY}&chosen={offered[1]}")
    page.locator("#to-details").focus()
    press(page, "Enter", "Tab")
    expect(page.locator("#details a").first).to_be_focused()


def test_arrow_keys_go_from_row_to_row_of_the_time_line(somebody: Somebody, house: House) -> None:
    duties = [house.duty(since=begin, until=begin + 4) for begin in (4, 10, 5)]
    page = somebody("essen").go(f"/board?{DAY}")
    focus_on(page, "#time a")
    order = [f"d-{key}" for key in duties]
    assert page.evaluate("document.activeElement.id") == order[0]
    for key, at in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowDown", 2), ("ArrowUp", 1), ("Home", 0), ("End", 2)):
        press(page, key)
        assert page.evaluate("document.activeElement.id") == order[at], key
    # What was reached last is where Tab comes back to.
    press(page, "ArrowUp", "Tab", "Shift+Tab")
    assert page.evaluate("document.activeElement.id") == order[1]


def test_a_request_is_dragged_onto_a_row_and_the_checker_answers(somebody: Somebody, house: House) -> None:
    fits, short = house.duty(), house.duty(since=10, until=11)
    request = house.pooled(1)
    # With the mouse from anywhere in the row; with the finger from its grip, for else it scrolls.
    for touch, source in ((False, ".req__way"), (True, ".req__grip")):
        person = somebody("essen", has_touch=touch, viewport={"width": 820 if touch else 1280, "height": 1180})
        page = person.go(f"/board?{DAY}")
        drawn(page)
        for duty, answer in ((short, "Die Prüfung lehnt die Fahrt ab."), (fits, "Die Fahrt passt.")):
            drag(page, page.locator(f"#r-{request} {source}"), page.locator(f"#d-{duty} rect"), touch=touch)
            page.wait_for_url(f"**chosen={request}&onto={duty}")
            expect(page.locator("#details .trial")).to_contain_text(answer)
            # What counts stands first, and is what is seen.
            expect(page.locator("#details .trial [role=status]").first).to_be_in_viewport()
            expect(page.locator("#details .trial")).not_to_contain_text("betrifft andere Mitfahrende")
            expect(page.locator(f"#d-{duty}.is-tried")).to_be_visible()
            expect(page.locator(".is-target, .ghost")).to_have_count(0)
        person.check()
        assert house.state(request) == State.POOLED, "nothing is stored by it"
    page.locator("#assign").press("Enter")
    page.wait_for_url("**done=assigned")
    assert house.state(request) == State.CONFIRMED


def drag(page: Page, source: Locator, target: Locator, *, touch: bool) -> None:
    """Move from the middle of one thing to the middle of another, by mouse or finger."""
    (x, y), (to_x, to_y) = (middle(each) for each in (source, target))
    if not touch:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(to_x, to_y, steps=4)
        expect(page.locator(".ghost")).to_be_visible()
        page.mouse.up()
        return
    devtools = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", (x, y)), ("touchMove", ((x + to_x) / 2, to_y)), ("touchMove", (to_x, to_y))):
        points = [{"x": at[0], "y": at[1]}]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def middle(element: Locator) -> tuple[float, float]:
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_drag_that_ends_nowhere_does_nothing(somebody: Somebody, house: House) -> None:
    duty, request = house.duty(), house.pooled(1)
    page = somebody("essen").go(f"/board?{DAY}")
    drawn(page)
    x, y = middle(page.locator(f"#r-{request} .req__way"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*middle(page.locator(f"#d-{duty} rect")), steps=3)
    press(page, "Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=3)
    page.mouse.up()
    assert page.url.endswith(f"/board?{DAY}")


def test_placing_by_keyboard_alone(somebody: Somebody, house: House) -> None:
    short, fits = house.duty(since=10, until=11), house.duty()
    request = house.pooled(1)
    person = somebody("essen")
    page = person.go(f"/board?{DAY}")
    drawn(page)
    focus_on(page, "#pool a")
    press(page, "Enter")
    page.wait_for_url(f"**chosen={request}")
    # Where it fits is told beside it, best first.
    focus_on(page, "#suggest")
    press(page, "Enter")
    expect(page.locator("#details .fits li")).to_have_count(1)
    expect(page.locator("#details .fits")).to_contain_text("keiner")
    person.check()
    focus_on(page, "#place")
    press(page, "Enter")
    page.wait_for_url("**placing=1")
    page.wait_for_function("() => document.activeElement.matches('#time a.duty')")
    press(page, "Home", "Enter")
    page.wait_for_url(f"**onto={short}")
    expect(page.locator("#details .trial")).to_contain_text("Die Prüfung lehnt die Fahrt ab.")
    assert page.evaluate("document.activeElement.id") == f"d-{short}"
    press(page, "ArrowDown", "Enter")
    page.wait_for_url(f"**onto={fits}")
    expect(page.locator("#details .trial")).to_contain_text("Die Fahrt passt.")
    person.check()
    press(page, "Escape")
    page.wait_for_url(f"**chosen={request}")
    expect(page.locator(".placing")).to_have_count(0)
    focus_on(page, "#place")
    press(page, "Enter")
    page.wait_for_function("() => document.activeElement.matches('#time a.duty')")
    press(page, "End", "Enter")
    focus_on(page, "#assign")
    press(page, "Enter")
    page.wait_for_url("**done=assigned")
    assert house.state(request) == State.CONFIRMED


def test_two_dispatchers_see_each_others_decisions_without_loading(
    somebody: Somebody, house: House, offered: tuple[str, str, str]
) -> None:
    key, request, other = offered
    essen, ltrako = somebody("essen"), somebody("ltrako")
    pages = [essen.go(f"/board?{DAY}"), ltrako.go(f"/board?{DAY}&bezirk=051&chosen={key}")]
    for page in pages:
        drawn(page)
        listening(page)
        page.evaluate("window.wasHere = true")
        expect(page.locator(f"#t-{request}.ride--proposed")).to_be_visible()
    pages[0].locator(f"#r-{other} a").focus()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    for page in pages:
        expect(page.locator(f"#t-{request}.ride--promised")).to_be_visible()
        expect(page.locator(f"#r-{request}")).to_have_count(0)
        expect(page.locator("#map .way--promised")).to_have_count(1)
        assert page.evaluate("window.wasHere") is True
    # Focus, filter and choice of each are as they were.
    assert pages[0].evaluate("document.activeElement.closest('li').id") == f"r-{other}"
    expect(pages[1].locator(f"#d-{key}.is-chosen")).to_be_visible()
    assert "bezirk=051" in pages[1].url
    house.pooled(3)
    for page in pages:
        expect(page.locator("#unplaced")).to_have_text("2")


def test_a_board_that_got_no_answer_stays_and_comes_back_by_itself(
    somebody: Somebody, house: House, offered: tuple[str, str, str]
) -> None:
    key, request, other = offered
    person = somebody("essen")
    page = person.go(f"/board?{DAY}&chosen={key}")
    listening(page)
    page.locator("#details").evaluate("one => { one.style.maxHeight = '60px'; one.scrollTo(0, 50) }")
    box = "<p role='alert'>gerade nicht</p>"
    page.route("**/board?**", lambda route: route.fulfill(status=503, content_type="text/html", body=box))
    page.locator(f"#r-{other} a").click()
    expect(page.locator("#messages")).to_have_text("gerade nicht")
    # What was there stays, and what was wished for is shown as soon as anybody answers: here when another one changes
    # something, and at the latest with the next stream.
    expect(page.locator(f"#d-{key}.is-chosen")).to_be_visible()
    page.unroute("**/board?**")
    house.pooled(3)
    expect(page.locator(f"#r-{other}.is-chosen")).to_be_visible()
    expect(page.locator("#messages")).to_be_empty()
    page.wait_for_function("document.getElementById('details').scrollTop === 0")
    # The address tells where to come back to, for whoever is signed in no longer.
    person.context.clear_cookies()
    page.locator(f"#r-{request} a").click()
    page.wait_for_url("**/sign-in?next=**")
    assert f"chosen%3D{request}" in page.url
    person.faults[:] = [each for each in person.faults if "status of 503" not in each]


def test_a_stream_that_is_refused_leads_whoever_is_signed_in_no_longer_to_signing_in(
    somebody: Somebody, offered: tuple[str, str, str]
) -> None:
    person = somebody("essen")
    page = person.page
    page.route("**/board/events**", lambda route: route.fulfill(status=401, body=""))

    def lose_the_session(route: Route) -> None:
        if "hx-request" in route.request.headers:
            person.context.clear_cookies()
        route.continue_()

    page.route("**/board?**", lose_the_session)
    person.go(f"/board?{DAY}")
    page.wait_for_url("**/sign-in?next=**")


def test_who_was_at_a_request_that_goes_is_at_its_neighbour(
    somebody: Somebody, house: House, offered: tuple[str, str, str]
) -> None:
    _, request, _ = offered
    page = somebody("essen").go(f"/board?{DAY}")
    listening(page)
    page.locator(f"#r-{request} a").focus()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    expect(page.locator(f"#r-{request}")).to_have_count(0)
    page.wait_for_function("document.activeElement.closest('#pool') !== null")


def test_a_run_is_told_while_it_is_at_work(somebody: Somebody, house: House) -> None:
    page = somebody("essen").go("/board")
    listening(page)
    expect(page.locator(".glance__runs")).to_contain_text("Kein Lauf ist im Gange")
    house["ltrako"].call("POST", "/runs", {"first_day": "2026-10-05"})
    expect(page.locator(".glance__runs")).to_contain_text("Planung auf Wunsch")


def test_the_twins_say_what_the_graphics_say(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    key, request, _ = offered
    person = somebody("essen")
    page = person.go(f"/board?{DAY}")
    drawn(page)
    labels = page.locator(f"#d-{key}, #t-{request}").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert page.locator("#spots").is_visible() is False
    page.locator("#twin-time").focus()
    press(page, "Enter")
    expect(page.locator("#time-rows")).to_be_visible()
    row = page.locator(f"tr#d-{key}").inner_text()
    for label in labels:
        for clock in re.findall(r"\d\d:\d\d", label):
            assert clock in row
    assert "vorgeschlagen" in row
    assert page.evaluate("document.activeElement.id") == "twin-time"
    page.locator("#twin-map").focus()
    press(page, "Enter")
    expect(page.locator("#spots")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#spots tr")).to_have_count(2)
    press(page, "Enter")
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator("#map .spot")).to_have_count(2)


def test_small_screens_and_large_letters_lose_nothing(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    # 320 px wide is also 1280 px at 400 %; 640 px is 1280 px at 200 %.
    for width in (320, 640):
        person = somebody("essen", viewport={"width": width, "height": 700})
        page = person.go(f"/board?{DAY}&chosen={offered[1]}&open=1")
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        panes = [page.locator(f"#pane-{name}") for name in ("list", "time", "map", "details")]
        tops = [pane.evaluate("one => one.offsetTop") for pane in panes]
        assert all(before < after for before, after in pairwise(tops))
        person.check()
    wide = somebody("essen").go(f"/board?{DAY}")
    drawn(wide)
    boxes = [wide.locator(f"#pane-{name}").evaluate("one => [one.offsetLeft, one.offsetTop, one.offsetWidth]")
             for name in ("list", "time", "map")]  # fmt: skip
    assert [left for left, _, _ in boxes] == sorted({left for left, _, _ in boxes})
    assert len({top for _, top, _ in boxes}) == 1
    before = boxes[-1][2]
    wide.locator("#size-map").click()
    wide.wait_for_url("**large=map")
    wide.wait_for_function("before => document.getElementById('pane-map').offsetWidth > 2 * before", arg=before)


def test_on_paper_all_is_told(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    key, request, _ = offered
    page = somebody("essen").go(f"/board?{DAY}")
    drawn(page)
    page.emulate_media(media="print")
    for selector in ("#pool", f"#d-{key}", f"#t-{request}", "#spots", "#ways", "#unplaced", ".only-print"):
        expect(page.locator(selector)).to_be_visible()
    for selector in ("#filters", "#map", ".top", "#twin-time", "#pane-details"):
        expect(page.locator(selector).first).to_be_hidden()
    assert len(page.pdf()) > 10_000


def test_without_script_it_is_links_and_forms(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    key, request, _ = offered
    person = somebody(None, java_script_enabled=False)
    person.sign_in("essen")
    page = person.go(f"/board?{DAY}")
    expect(page.locator("#spots")).to_be_visible()
    page.locator(f"#d-{key}").focus()
    press(page, "Enter")
    page.wait_for_url(f"**chosen={key}")
    expect(page.locator(f"#r-{request}.is-chosen")).to_be_visible()
    page.locator("#filter-box summary").click()
    page.locator("input[name=bezirk][value='053']").check()
    page.locator("#filters button").click()
    expect(page.locator(".req")).to_have_count(1)
    assert f"chosen={key}" in page.url


def test_on_a_tablet_what_is_chosen_and_what_is_answered_comes_into_sight(
    somebody: Somebody, house: House, offered: tuple[str, str, str]
) -> None:
    for number in range(3, 9):
        house.pooled(number)
    for width, height in ((820, 1180), (1280, 800), (600, 800)):
        page = somebody("ltrako", viewport={"width": width, "height": height}).go(f"/board?{DAY}")
        drawn(page)
        page.locator(f"#r-{offered[2]} a").click()
        expect(page.locator("#head-details")).to_be_in_viewport()
        expect(page.locator("#details h3").first).to_be_in_viewport()
        page.locator("#suggest").click()
        expect(page.locator("#details [id^=fits-] > *").first).to_be_in_viewport()
        if width == 600:
            page.locator("#to-list").click()
            expect(page.locator(f"#r-{offered[2]}")).to_be_in_viewport()


def test_the_map_names_what_there_is_room_for(somebody: Somebody, offered: tuple[str, str, str]) -> None:
    page = somebody("ltrako").go(f"/board?{DAY}&large=map")
    drawn(page)
    expect(page.locator("#map .place-name").filter(has_text="ZAB Köln")).to_have_count(1)
    boxes = page.evaluate("""() => [...document.querySelectorAll("#map .place-name")].map(each => {
      const box = each.getBoundingClientRect(); return [box.left, box.right, box.top, box.bottom]; })""")
    for number, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[:number]:
            assert right <= other[0] or left >= other[1] or bottom <= other[2] or top >= other[3], "no name on another"
    assert "ohne Platz" in str(page.locator("#map .spot").first.get_attribute("aria-label"))
