"""A folder knows a type by its ending, and sniffing gives both: the two agree."""

import pytest

from adapters.local.endings import type_of
from domain.layout import CONTENT_TYPES, PEAKS_TYPE, original_key, peaks_key
from domain.sniffing import Sniffed
from ports.audio import Format
from tests.unit.test_sniffing import FILES

SNIFFED = {sniffed.extension: sniffed for _, sniffed in FILES.values()}


@pytest.mark.parametrize("sniffed", SNIFFED.values(), ids=SNIFFED)
def test_what_sniffing_calls_a_kind_of_audio_a_folder_calls_it_too(sniffed: Sniffed) -> None:
    assert type_of(original_key("song", "01234567", sniffed.extension)) == sniffed.content_type


@pytest.mark.parametrize("written", Format)
def test_what_is_prepared_keeps_its_type_in_a_folder(written: Format) -> None:
    assert type_of(f"prepared.{written}") == CONTENT_TYPES[written]


def test_peaks_keep_their_type_in_a_folder() -> None:
    assert type_of(peaks_key("prepared.mp3")) == PEAKS_TYPE
