"""Settings: what is read, what is refused and in which words, and that secrets stay secret."""

from pathlib import Path

import pytest

from entrypoints.settings import Dispatch, InvalidSettings, load_settings

STRONG = "0123456789abcdef0123456789abcdef"
WHSEC = "expected whsec_ and 24 to 64 bytes in base64"


def test_without_any_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / ".env")
    assert settings.webhook_secret is None
    assert settings.dispatch is Dispatch.INLINE
    assert settings.data_dir == Path("data")
    assert settings.limits.channels == 8


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GREENROOM_DISPATCH=pull\nGREENROOM_MAX_ATTEMPTS=7\n# a comment\nOTHER=1\n")
    settings = load_settings({"GREENROOM_MAX_ATTEMPTS": "2"}, tmp_path / ".env")
    assert (settings.dispatch, settings.max_attempts) == (Dispatch.PULL, 2)


def test_nobody_may_be_silent_for_longer_than_an_attempt_may_take(tmp_path: Path) -> None:
    settings = load_settings({"GREENROOM_DEADLINE": "59.9"}, tmp_path / ".env")
    assert settings.lease == settings.deadline


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    settings = load_settings({"INTERNAL_WEBHOOK_SECRET": "", "GREENROOM_DEADLINE": " "}, tmp_path / ".env")
    assert (settings.webhook_secret, settings.deadline_seconds) == (None, 3600)


def test_lists_are_written_with_commas(tmp_path: Path) -> None:
    settings = load_settings({"GREENROOM_API_KEYS": "a, b,", "GREENROOM_TRUSTED_PROXIES": "10.0.0.0/8,::1"}, tmp_path / ".env")
    assert [key.reveal() for key in settings.api_keys] == [b"a", b"b"]
    assert [str(item.network) for item in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(("text", "size"), [("500000", 500_000), ("5GiB", 5 * 2**30), ("500 kB", 500_000), ("1mib", 2**20)])
def test_sizes_may_have_units(tmp_path: Path, text: str, size: int) -> None:
    assert load_settings({"GREENROOM_MAX_UPLOAD_BYTES": text}, tmp_path / ".env").max_upload_bytes == size


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"GREENROOM_DEADLNE": "1"}, "GREENROOM_DEADLNE is not a setting; did you mean GREENROOM_DEADLINE?"),
        ({"INTERNAL_WEBHOOK_SECERT": "x"}, "INTERNAL_WEBHOOK_SECERT is not a setting; did you mean INTERNAL_WEBHOOK_SECRET?"),
        ({"GREENROOM_PORT": "1"}, "GREENROOM_PORT is not a setting"),
        ({"GREENROOM_KEEP_JOBS_DAYS": "9000000"}, "GREENROOM_KEEP_JOBS_DAYS: expected a number"),
        ({"GREENROOM_DEADLINE": "soon"}, "GREENROOM_DEADLINE: expected a number"),
        ({"GREENROOM_DEADLINE": "0"}, "GREENROOM_DEADLINE: expected a number of more than 0"),
        ({"GREENROOM_DEADLINE": "nan"}, "GREENROOM_DEADLINE: expected a number"),
        ({"GREENROOM_DEADLINE": "1e300"}, "GREENROOM_DEADLINE: expected a number of at most 1000000000"),
        ({"GREENROOM_MAX_ATTEMPTS": "1.5"}, "GREENROOM_MAX_ATTEMPTS: expected a whole number"),
        ({"GREENROOM_MAX_UPLOAD_BYTES": "a lot"}, "GREENROOM_MAX_UPLOAD_BYTES: expected a number of bytes"),
        ({"GREENROOM_MAX_UPLOAD_BYTES": "0"}, "GREENROOM_MAX_UPLOAD_BYTES: expected a number of bytes"),
        ({"GREENROOM_DISPATCH": "carrier pigeon"}, "GREENROOM_DISPATCH: must be inline, pull or push"),
        ({"GREENROOM_TRUSTED_PROXIES": "10.0.0.0/8,proxy"}, "GREENROOM_TRUSTED_PROXIES: 'proxy' does not appear"),
        ({"GREENROOM_PUBLIC_URL": "audio.example.com"}, "GREENROOM_PUBLIC_URL is not a web address"),
        ({"GREENROOM_PUBLIC_URL": "https://[oops"}, "GREENROOM_PUBLIC_URL is not a web address"),
        ({"GREENROOM_SECRET": "short"}, "GREENROOM_SECRET is too short"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": STRONG}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": "whsec_"}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": f"whsec_{STRONG[:-1]}"}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": "whsec_" + "A" * 28}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": "whsec_" + "A" * 88}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": f"WHSEC_{STRONG}"}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": f"whsec_{STRONG}é"}, f"INTERNAL_WEBHOOK_SIGNING_SECRET: {WHSEC}"),
        ({"GREENROOM_NOTIFY_URL": "https://app.example"}, "GREENROOM_NOTIFY_URL is set but GREENROOM_NOTIFY_SECRET is not"),
        ({"GREENROOM_NOTIFY_SECRET": f"whsec_{STRONG}"}, "GREENROOM_NOTIFY_SECRET is set but GREENROOM_NOTIFY_URL is not"),
        (
            {"GREENROOM_NOTIFY_SECRET_PREVIOUS": f"whsec_{STRONG}"},
            "GREENROOM_NOTIFY_SECRET_PREVIOUS is set but GREENROOM_NOTIFY_URL is not",
        ),
        ({"GREENROOM_NOTIFY_SECRET": "hush"}, f"GREENROOM_NOTIFY_SECRET: {WHSEC}"),
        *(
            (
                {"GREENROOM_NOTIFY_URL": url, "GREENROOM_NOTIFY_SECRET": f"whsec_{STRONG}"},
                "GREENROOM_NOTIFY_URL is not a web address",
            )
            for url in ("app.example/told", "ftp://app.example", "https://", "https://[oops", "https://app.example/#there")
        ),
        (
            {"INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS": f"whsec_{STRONG}"},
            "INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS is set but INTERNAL_WEBHOOK_SIGNING_SECRET is not",
        ),
        ({"GREENROOM_SECRET_PREVIOUS": STRONG}, "GREENROOM_SECRET_PREVIOUS is set but GREENROOM_SECRET is not"),
        ({"GREENROOM_DEADLINE": "600000"}, "GREENROOM_DEADLINE is longer than 6 days"),
        ({"GREENROOM_KEEP_JOBS_DAYS": "0.01"}, "GREENROOM_KEEP_JOBS_DAYS is shorter than GREENROOM_DEADLINE"),
        ({"GREENROOM_DISPATCH": "push"}, "GREENROOM_DISPATCH is push but GREENROOM_DISPATCH_URL is not set"),
        (
            {"GREENROOM_DISPATCH": "push", "GREENROOM_DISPATCH_URL": "https://work.example"},
            "GREENROOM_DISPATCH is push but GREENROOM_PUBLIC_URL is not set",
        ),
        ({"GREENROOM_DISPATCH_URL": "work.example"}, "GREENROOM_DISPATCH_URL is not a web address"),
        (
            {"GREENROOM_DISPATCH_MODAL_KEY": "wk-1"},
            "GREENROOM_DISPATCH_MODAL_KEY is set but GREENROOM_DISPATCH_MODAL_SECRET is not",
        ),
        ({"R2_ACCESS_KEY_ID": "key"}, "R2_ACCESS_KEY_ID is set but R2_SECRET_ACCESS_KEY is not"),
        ({"R2_ENDPOINT": "account.example"}, "R2_ENDPOINT is not a web address"),
        ({"AWS_SECRET_ACCESS_KEY": "hush"}, "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"),
        ({"GREENROOM_PART_BYTES": "1MiB"}, "GREENROOM_PART_BYTES: expected a number of bytes from 5MiB to 5GiB"),
        ({"GREENROOM_REDIS_PREFIX": "{one}"}, "GREENROOM_REDIS_PREFIX: "),
        ({"GREENROOM_DELIVERY": "pigeon"}, "GREENROOM_DELIVERY: must be redirect or proxy"),
        ({"GREENROOM_MIN_SAMPLE_RATE": "200000"}, "GREENROOM_MIN_SAMPLE_RATE is above GREENROOM_MAX_SAMPLE_RATE"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_that_names_the_variable(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings(environment, tmp_path / ".env")
    assert str(refused.value).startswith(sentence)


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    secrets = {
        "INTERNAL_WEBHOOK_SECRET": "hush-1",
        "INTERNAL_WEBHOOK_SECRET_PREVIOUS": "hush-2",
        "GREENROOM_SECRET": "hush-3" * 6,
        "GREENROOM_SECRET_PREVIOUS": "hush-4" * 6,
        "GREENROOM_API_KEYS": "hush-5,hush-6",
        "INTERNAL_WEBHOOK_SIGNING_SECRET": "whsec_hush" + "A" * 28,
        "INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS": "whsec_hush" + "B" * 28,
        "GREENROOM_NOTIFY_SECRET": "whsec_hush" + "C" * 28,
        "GREENROOM_NOTIFY_URL": "https://me:hush@app.example/?key=hush",
        "GREENROOM_DATABASE_URL": "redis://:hush@localhost/0",
        "REDIS_URL": "redis://:hush@localhost/0",
        "R2_ACCESS_KEY_ID": "key",
        "R2_SECRET_ACCESS_KEY": "hush",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_SESSION_TOKEN": "hush",
        "GREENROOM_DISPATCH_TOKEN": "hush",
        "GREENROOM_DISPATCH_URL": "https://work.example/?key=hush",
        "GREENROOM_DISPATCH_MODAL_KEY": "wk-hush",
        "GREENROOM_DISPATCH_MODAL_SECRET": "ws-hush",
    }
    settings = load_settings(secrets, tmp_path / ".env")
    shown = f"{settings!r} {settings} {settings.webhook_secret!r} {settings.api_keys} {settings.signing_secret!r}"
    assert "hush" not in shown
    assert str(settings.signing_secret and settings.signing_secret.reveal()) not in shown


def test_a_secret_that_is_refused_is_not_shown_either(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings({"GREENROOM_SECRET": "hush"}, tmp_path / ".env")
    assert "hush" not in str(refused.value)
    with pytest.raises(InvalidSettings) as refused:
        load_settings({"INTERNAL_WEBHOOK_SIGNING_SECRET": "whsec_hush"}, tmp_path / ".env")
    assert "hush" not in str(refused.value)
