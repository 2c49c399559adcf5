"""What the OpenAPI document shows: one upload, from its arrival until it plays. A test holds each to its schema."""

from typing import Any

ASSET_ID = "0d164bd8-a196-457c-81ea-556b3a12208d"
JOB_ID = "5a2df33d-c965-4579-a026-121d3cfc81e2"

RECIPE = {"targetLufs": -16.0, "truePeakDbtp": -1.0, "trim": True, "format": "mp3", "bitrateKbps": 192}

MEASURED = {
    "loudnessLufs": -27.4,
    "truePeakDbtp": -9.1,
    "rangeLu": 6.2,
    "duration": 180.0,
    "sampleRate": 44100,
    "channels": 2,
    "codec": "pcm_s16le",
}

FIGURES = {
    "before": MEASURED,
    "after": MEASURED | {"loudnessLufs": -16.0, "truePeakDbtp": -1.2, "duration": 178.2, "codec": "mp3"},
    "trimmedHead": 1.1,
    "trimmedTail": 0.7,
    "gainDb": 11.4,
    "limited": True,
    "damaged": False,
    "note": None,
}

ORIGINAL = {
    "contentType": "audio/wav",
    "size": 31752044,
    "etag": '"1e47fac-18af2c3b5a2df33d"',
    "duration": 180.0,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "peaks": True,
    "figures": None,
}

PREPARED = {
    "contentType": "audio/mpeg",
    "size": 4278190,
    "etag": '"41476e-18af2c3f0c55ad01"',
    "duration": 178.2,
    "sha256": None,
    "peaks": True,
    "figures": FIGURES,
}

NEW_ASSET = {
    "id": ASSET_ID,
    "name": "talk.wav",
    "ref": "episode-12",
    "createdAt": "2026-11-22T15:00:00Z",
    "renditions": {"original": ORIGINAL | {"peaks": False}},
}

ASSET = NEW_ASSET | {"renditions": {"original": ORIGINAL, "prepared": PREPARED}}

NEW_JOB: dict[str, Any] = {
    "id": JOB_ID,
    "kind": "prepare",
    "status": "queued",
    "progress": None,
    "assetId": ASSET_ID,
    "recipe": RECIPE,
    "params": None,
    "result": None,
    "error": None,
    "code": None,
    "retryOf": None,
    "createdAt": "2026-11-22T15:00:00Z",
    "endedAt": None,
    "maxAttempts": 3,
    "attempts": [],
    "told": False,
    "deliveries": [],
}

ATTEMPT = {
    "number": 1,
    "worker": "gpu-1",
    "startedAt": "2026-11-22T15:00:01Z",
    "endedAt": "2026-11-22T15:00:09Z",
    "outcome": "complete",
    "code": None,
    "message": None,
    "progress": 1.0,
}

JOB = NEW_JOB | {
    "status": "complete",
    "progress": 1.0,
    "result": FIGURES,
    "endedAt": "2026-11-22T15:00:09Z",
    "attempts": [ATTEMPT],
}

NOTICE = {"type": "job.complete", "timestamp": "2026-11-22T15:00:09Z", "data": JOB}

RENDER_JOB = NEW_JOB | {"kind": "render", "assetId": None, "recipe": None, "params": {"scene": 1}}

CANCELLED_JOB = NEW_JOB | {"status": "cancelled", "endedAt": "2026-11-22T15:00:05Z"}

RETRIED_JOB = NEW_JOB | {"id": "c0a8012e-7b1f-4c7e-9f5e-0d7c2f6b1a11", "retryOf": JOB_ID}

UPLOADED = {"asset": NEW_ASSET, "job": NEW_JOB}

ANNOUNCED = {
    "filename": "talk.wav",
    "size": 31752044,
    "sha256": ORIGINAL["sha256"],
    "ref": "episode-12",
    "targetLufs": -14.0,
}

OPEN_UPLOAD = {
    "id": ASSET_ID,
    "status": "open",
    "assetId": None,
    "name": "talk.wav",
    "ref": "episode-12",
    "size": 31752044,
    "partSize": 16777216,
    "expiresAt": "2026-11-23T15:00:00Z",
    "present": [{"number": 1, "size": 16777216}],
    "parts": [
        {
            "number": 2,
            "offset": 16777216,
            "size": 14974828,
            "url": f"https://audio.example.com/api/storage/audio/assets/{ASSET_ID}/original-0d164bd8.wav?session=...",
            "method": "PUT",
            "headers": {},
        }
    ],
}

PLAYBACK = {
    "url": f"https://audio.example.com/api/storage/audio/assets/{ASSET_ID}/prepared-{JOB_ID}-1.mp3?grant=eyJtZXRob2QiOi...",
    "expiresAt": "2026-11-22T23:00:00Z",
    "contentType": "audio/mpeg",
    "size": 4278190,
    "duration": 178.2,
    "etag": '"41476e-18af2c3f0c55ad01"',
    "variant": "prepared",
}

PENDING = {"variant": "prepared", "job": {"id": JOB_ID, "status": "processing", "progress": 0.4}}

PEAKS = {
    "version": 2,
    "channels": 1,
    "sample_rate": 8000,
    "samples_per_pixel": 80,
    "bits": 16,
    "length": 2,
    "data": [-1204, 1310, -980, 1002],
}

CURSOR = "eyJjcmVhdGVkIjoiMjAyNi0xMS0yMlQxNTowMDowMFoiLCJpZCI6IjBkMTY0YmQ4LWExOTYtNDU3Yy04MWVhLTU1NmIzYTEyMjA4ZCJ9"

ASSETS = {"items": [ASSET], "next": CURSOR}

JOBS = {"items": [JOB], "next": None}

ORDER = {"kind": "prepare", "recipe": RECIPE | {"targetLufs": -14.0}}

RENDER_ORDER = {"kind": "render", "params": {"scene": 1}}

LABELS = {"name": "Episode 12.wav", "ref": "episode-12"}

CLAIM = {"worker": "gpu-1", "kinds": ["prepare"], "wait": 20}

TICKET = {
    "jobId": JOB_ID,
    "attempt": 1,
    "kind": "prepare",
    "recipe": RECIPE,
    "params": None,
    "input": {
        "url": f"https://audio.example.com/api/storage/audio/assets/{ASSET_ID}/original-0d164bd8.wav?grant=eyJtZXRob2QiOi...",
        "contentType": "audio/wav",
        "size": 31752044,
        "sha256": ORIGINAL["sha256"],
    },
    "outputs": {
        "prepared": {
            "url": f"https://audio.example.com/api/storage/audio/assets/{ASSET_ID}/prepared-{JOB_ID}-1.mp3?grant=eyJtZXRob2QiOi...",
            "method": "PUT",
            "headers": {"Content-Type": "audio/mpeg", "If-None-Match": "*"},
        },
    },
    "callback": {"url": "https://audio.example.com/api/webhooks/worker", "token": "eyJqb2IiOiI1YTJkZjMzZC..."},
    "leaseSeconds": 60.0,
    "deadline": "2026-11-22T16:00:01Z",
    "traceparent": None,
}

EVENT = {"event": "job", "id": "41", "data": f'{{"id":"{JOB_ID}","status":"processing","progress":0.4}}'}

FIGURES_TEXT = """\
# HELP greenroom_jobs Jobs by status and kind.
# TYPE greenroom_jobs gauge
greenroom_jobs{kind="prepare",status="queued"} 3.0
"""

REPORT = {"jobId": JOB_ID, "status": "complete", "attempt": 1, "result": {"any": "thing"}}

RECEIPT = {"success": True}

HEALTHY = {"status": "ok", "checks": {"store": "ok", "storage": "ok", "engine": "ok"}}

UNHEALTHY = {"status": "unavailable", "checks": {"store": "ok", "storage": "storage is not available at the moment"}}
