"""Which rendition a listener gets, for how long the link to it lives, and under which name it is saved."""

import re
from datetime import timedelta
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.local.links import LocalLinks
from domain.errors import PeaksNotFound, UnknownVariant, VariantNotFound
from domain.names import clean_name
from domain.playback import find_peaks, find_rendition
from domain.policy import LINK_WINDOW, LONGEST_LINK, REDIRECT_MAX_AGE
from domain.variants import disposition, link_lifetime, named_variant, rendition_of
from domain.window import LinkWindow
from ports.assets import Asset, Variant
from ports.jobs import JobKind, JobStatus
from ports.links import Link
from ports.work import Output, ReportStatus
from tests.unit.domain.makers import NOW, PEAKS, SECOND, House, made_rendition, said

HOUR = timedelta(hours=1)
LIMIT = timedelta(hours=6)

durations = st.none() | st.floats(0, 10**9)
limits = st.integers(60, 10**7).map(lambda seconds: timedelta(seconds=seconds))


class CountedLinks(LocalLinks):
    """Local links that know how often one was signed."""

    def __init__(self) -> None:
        super().__init__([b"0" * 32])
        self.signed = 0

    def get(self, key: str, **facts: object) -> Link:
        self.signed += 1
        return super().get(key, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "variant"), [([], Variant.ORIGINAL), (["original"], Variant.ORIGINAL), (["prepared"], Variant.PREPARED)]
)
def test_a_variant_is_named_once_or_it_is_the_original(names: list[str], variant: Variant) -> None:
    assert named_variant(names) is variant


@pytest.mark.parametrize("names", [[""], ["Original"], ["peaks"], ["original", "original"], ["original", "prepared"], ["", ""]])
def test_another_variant_or_more_than_one_is_refused_with_what_is_allowed(names: list[str]) -> None:
    with pytest.raises(UnknownVariant, match="original or prepared"):
        named_variant(names)


def test_a_variant_that_is_not_there_or_whose_asset_was_deleted_is_not_found() -> None:
    rendition = made_rendition()
    asset = Asset(id="song", name="x", created=NOW, renditions={Variant.ORIGINAL: rendition})
    assert rendition_of(asset, Variant.ORIGINAL) == rendition
    with pytest.raises(VariantNotFound, match=re.escape("Audio file not found for this asset (variant: prepared)")):
        rendition_of(asset, Variant.PREPARED)
    with pytest.raises(VariantNotFound):
        rendition_of(replace(asset, deleted=NOW), Variant.ORIGINAL)


@pytest.mark.parametrize(
    ("duration", "lifetime"),
    [
        (0, 8 * HOUR),
        (60, 8 * HOUR),
        (1.5 * 3600, 8 * HOUR),
        (2 * 3600, 10 * HOUR),
        (6 * 3600, 26 * HOUR),
        (7 * 3600, 26 * HOUR),
        (None, 26 * HOUR),
    ],
)
def test_a_link_lives_for_its_window_the_redirects_age_and_the_listening(duration: float | None, lifetime: timedelta) -> None:
    assert link_lifetime(duration, LIMIT) == lifetime


@given(durations, limits)
def test_a_link_outlives_every_cached_redirect_and_the_listening_but_not_what_r2_signs(
    duration: float | None, longest: timedelta
) -> None:
    lifetime = link_lifetime(duration, longest)
    length = longest if duration is None else min(timedelta(seconds=duration), longest)
    last_request = LINK_WINDOW + REDIRECT_MAX_AGE
    assert lifetime <= timedelta(days=7)
    assert lifetime >= min(timedelta(days=7), last_request + max(timedelta(hours=6), 4 * length))


@given(durations, st.timedeltas(timedelta(0), LINK_WINDOW - timedelta(microseconds=1)))
def test_a_link_that_is_given_again_still_outlives_the_redirect_and_the_listening(duration: float | None, age: timedelta) -> None:
    window = LinkWindow(CountedLinks(), LIMIT)
    rendition = made_rendition(duration=duration)
    window.link(rendition, "A song.wav", NOW)
    given_again = window.link(rendition, "A song.wav", NOW + age)
    length = LIMIT if duration is None else min(timedelta(seconds=duration), LIMIT)
    listening_ends = NOW + age + REDIRECT_MAX_AGE + max(6 * HOUR, 4 * length)
    assert given_again.expires_at > listening_ends - SECOND, "expiry counts in whole seconds"


def test_a_rendition_has_one_link_for_an_hour_and_then_another() -> None:
    links = CountedLinks()
    window = LinkWindow(links, LIMIT)
    rendition = made_rendition(duration=5.0)
    first = window.link(rendition, "A song.wav", NOW)
    assert window.link(rendition, "A song.wav", NOW + LINK_WINDOW - SECOND) is first
    assert links.signed == 1
    second = window.link(rendition, "A song.wav", NOW + LINK_WINDOW)
    assert second.url != first.url
    assert window.link(rendition, "A song.wav", NOW + 2 * LINK_WINDOW - SECOND) is second
    assert links.signed == 2


def test_a_clock_that_was_set_back_gets_a_new_link() -> None:
    links = CountedLinks()
    window = LinkWindow(links, LIMIT)
    window.link(made_rendition(), "A song.wav", NOW)
    window.link(made_rendition(), "A song.wav", NOW - SECOND)
    assert links.signed == 2


def test_what_is_known_better_now_is_signed_anew() -> None:
    window = LinkWindow(CountedLinks(), LIMIT)
    short = window.link(made_rendition(duration=1.0), "A song.wav", NOW)
    long = window.link(made_rendition(duration=6 * 3600.0), "A song.wav", NOW)
    assert long.expires_at - short.expires_at == 18 * HOUR
    assert window.link(made_rendition(duration=1.0), "Renamed.wav", NOW).url != short.url


def test_a_window_remembers_so_many_links_and_forgets_the_one_not_asked_for_longest() -> None:
    links = CountedLinks()
    window = LinkWindow(links, LIMIT, capacity=2)
    a, b, c = (made_rendition(f"audio/assets/{name}/original-1.wav") for name in "abc")
    for rendition in (a, b, a, c):
        window.link(rendition, "x", NOW)
    assert links.signed == 3
    window.link(a, "x", NOW)
    window.link(c, "x", NOW)
    assert links.signed == 3
    window.link(b, "x", NOW)
    assert links.signed == 4


def test_a_download_has_a_link_of_its_own_given_again_too() -> None:
    links = CountedLinks()
    window = LinkWindow(links, LIMIT)
    shown, saved = [window.link(made_rendition(), "A song.wav", NOW, download=download) for download in (False, True)]
    assert shown.url != saved.url
    assert window.link(made_rendition(), "A song.wav", NOW, download=True) is saved
    assert links.signed == 2


@pytest.mark.parametrize("download", [False, True])
def test_a_link_states_the_renditions_type_and_name(*, download: bool) -> None:
    window = LinkWindow(CountedLinks(), LIMIT)
    link = window.link(made_rendition(content_type="audio/x-w64"), "Größe.wav", NOW, download=download)
    stated = dict(part.split("=", 1) for part in link.url.partition("?")[2].split("&"))
    assert unquote(stated["type"]) == "audio/x-w64"
    assert unquote(stated["disposition"]) == disposition("Größe.wav", made_rendition().key, "audio/x-w64", download=download)


@pytest.mark.parametrize(
    ("name", "key", "content_type", "filename"),
    [
        ("song.wav", "audio/assets/a/prepared-1.mp3", "audio/mpeg", "song.mp3"),
        ("song", "audio/assets/a/original-1.flac", "audio/flac", "song.flac"),
        ("a.b.c.wav", "audio/assets/a/original-1.wav", "audio/wav", "a.b.c.wav"),
        (".hidden", "audio/assets/a/original-1.wav", "audio/wav", ".hidden.wav"),
        ('say "hi"; x=y\\.wav', "audio/assets/a/original-1.wav", "audio/wav", 'say "hi"; x=y\\.wav'),
        ("100%.wav", "audio/assets/a/original-1.wav", "audio/wav", "100%.wav"),
        ("日本語 🎧.mp3", "audio/assets/a/original-1.mp3", "audio/mpeg", "日本語 🎧.mp3"),
        ("song.wav", "audio/assets/a/original-1.opus", "audio/ogg", "song.opus"),
        ("song.wav", "audio/assets/a/prepared", "text/plain", "song"),
        ("song.wav", "audio/assets/a.b/prepared.x", "text/plain", "song.x"),
        ("song.wav", "audio/assets/a.b/prepared", "audio/mpeg", "song.mp3"),
        ("song.mp3", "audio/assets/a/original-1.mp3", "audio/wav", "song.wav"),
        ("song", "audio/assets/a/original-1.bin", "audio/mp4", "song.m4a"),
    ],
)
def test_a_download_has_the_uploads_name_and_an_ending_that_goes_with_what_it_is(
    name: str, key: str, content_type: str, filename: str
) -> None:
    value = disposition(name, key, content_type)
    assert parsed(value) == filename
    assert disposition(name, key, content_type, download=True) == value.replace("inline;", "attachment;", 1)


@given(st.text(st.characters()).map(clean_name))
def test_no_name_gets_out_of_its_header(name: str) -> None:
    value = disposition(name, "audio/assets/a/original-1.wav", "audio/wav")
    assert value.isascii()
    assert value.isprintable()
    assert re.fullmatch(r"""inline; filename="[^"\\]*"; filename\*=UTF-8''[A-Za-z0-9%._~-]+""", value)
    assert parsed(value).endswith(".wav")


def parsed(value: str) -> str:
    """Return the file name as the standard library reads it from the header."""
    message = Message()
    message["Content-Disposition"] = value
    assert message.get_content_disposition() == "inline"
    extended = re.search(r"filename\*=UTF-8''(\S+)$", value)
    assert extended is not None
    return unquote(extended[1], errors="strict")


@pytest.mark.anyio
async def test_what_is_being_made_is_not_found_yet_and_the_job_that_makes_it_is_named() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.add_job(kind=JobKind.RENDER, created=NOW + SECOND)
    with pytest.raises(VariantNotFound) as refused:
        await find_rendition("song", Variant.PREPARED, house.assets, house.jobs)
    assert refused.value.job == job
    assert await house.start(kinds=[JobKind.PREPARE])
    with pytest.raises(VariantNotFound) as refused:
        await find_rendition("song", Variant.PREPARED, house.assets, house.jobs)
    assert refused.value.job is not None
    assert refused.value.job.status is JobStatus.PROCESSING


@pytest.mark.anyio
async def test_the_job_that_makes_it_is_found_among_any_number_of_others() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    for number in range(1, 61):
        await house.add_job(kind=JobKind.RENDER, created=NOW + number * SECOND)
    with pytest.raises(VariantNotFound) as refused:
        await find_rendition("song", Variant.PREPARED, house.assets, house.jobs)
    assert refused.value.job == job


@pytest.mark.anyio
async def test_no_job_is_named_that_will_not_make_what_is_asked_for() -> None:
    house = House()
    asset = await house.add_asset()
    await house.add_job(kind=JobKind.RENDER)
    await house.cancel((await house.add_job()).id)
    await house.add_job(asset_id="other")
    with pytest.raises(VariantNotFound) as refused:
        await find_rendition("song", Variant.PREPARED, house.assets, house.jobs)
    assert refused.value.job is None
    await house.add_job()
    await house.assets.replace(replace(asset, version=1, renditions={}))
    with pytest.raises(VariantNotFound) as refused:
        await find_rendition("song", Variant.ORIGINAL, house.assets, house.jobs)
    assert refused.value.job is None


@pytest.mark.anyio
async def test_what_a_complete_job_made_is_found_before_its_asset_shows_it() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.start()
    keys = await house.deliver(job)
    await house.add_job(created=NOW + SECOND)
    with house.fuse.of(1):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    assert await house.shown() is None
    _, rendition = await find_rendition("song", Variant.PREPARED, house.assets, house.jobs)
    assert rendition.key == keys[Output.PREPARED]
    assert await peaks_of(house, Variant.PREPARED) == PEAKS


@pytest.mark.anyio
async def test_what_is_stored_is_found() -> None:
    house = House()
    asset = await house.add_asset()
    found = await find_rendition("song", Variant.ORIGINAL, house.assets, house.jobs)
    assert found == (asset, asset.renditions[Variant.ORIGINAL])
    with pytest.raises(VariantNotFound):
        await find_rendition("never there", Variant.ORIGINAL, house.assets, house.jobs)


async def peaks_of(house: House, variant: Variant) -> bytes:
    stored, chunks = await find_peaks("song", variant, house.assets, house.jobs, house.storage)
    body = b"".join([chunk async for chunk in chunks])
    assert stored.size == len(body)
    return body


@pytest.mark.anyio
async def test_peaks_are_found_where_there_are_any() -> None:
    house = House()
    await house.add_asset()
    for variant in Variant:
        with pytest.raises(PeaksNotFound):
            await peaks_of(house, variant)
    job = await house.add_job()
    await house.start()
    keys = await house.finish(job)
    assert [await peaks_of(house, variant) for variant in Variant] == [PEAKS, PEAKS]
    for key in keys.values():
        await house.storage.remove(key)
    with pytest.raises(PeaksNotFound):
        await peaks_of(house, Variant.PREPARED)


def test_the_longest_link_is_what_r2_signs() -> None:
    assert timedelta(days=7) == LONGEST_LINK
