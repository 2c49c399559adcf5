/// What the server's API answers with: the shapes of its OpenAPI description that the page reads. Times are ISO 8601.

export type Variant = "original" | "prepared"
export type Format = "mp3" | "m4a" | "opus" | "flac" | "wav"
export type JobStatus = "queued" | "processing" | "complete" | "failed" | "cancelled"
export type Outcome = "complete" | "failed" | "released" | "lost" | "cancelled"

/** A stored variant. `size` is bytes, `duration` seconds. */
export interface Rendition {
  contentType: string
  size: number
  etag: string
  duration: number | null
  sha256: string | null
  peaks: boolean
  figures: Figures | null
}

export interface Asset {
  id: string
  name: string
  ref: string | null
  createdAt: string
  renditions: Partial<Record<Variant, Rendition>>
}

/** Loudness in LUFS, true peak in dBTP, bit rate in kbit/s. */
export interface Recipe {
  targetLufs: number
  truePeakDbtp: number
  trim: boolean
  format: Format
  bitrateKbps: number
}

export interface Attempt {
  number: number
  worker: string
  startedAt: string
  endedAt: string | null
  outcome: Outcome | null
  code: string | null
  message: string | null
  progress: number | null
}

/** The figures of one piece of audio: null where there is nothing to measure. */
export interface Measured {
  loudnessLufs: number | null
  truePeakDbtp: number | null
  rangeLu: number | null
  duration: number
  sampleRate: number
  channels: number
  codec: string
}

/** What a worker did, and what came of it. */
export interface Figures {
  before: Measured
  after: Measured
  trimmedHead: number
  trimmedTail: number
  gainDb: number
  limited: boolean
  damaged: boolean
  note: string | null
}

export interface Job {
  id: string
  kind: "prepare" | "render"
  status: JobStatus
  progress: number | null
  assetId: string | null
  recipe: Recipe | null
  params: Record<string, unknown> | null
  result: Record<string, unknown> | null
  error: string | null
  code: string | null
  retryOf: string | null
  createdAt: string
  endedAt: string | null
  maxAttempts: number
  attempts: Attempt[]
}

/** Where a variant plays. `expiresAt` is null where the URL is good for as long as the variant is there. */
export interface Playback {
  url: string
  expiresAt: string | null
  contentType: string
  size: number
  duration: number | null
  etag: string
  variant: Variant
}

/** A page of things; `next` is the cursor of the page after it. */
export interface Listing<T> {
  items: T[]
  next: string | null
}

/** A new asset, and the job that prepares it. */
export interface Uploaded {
  asset: Asset
  job: Job | null
}

/** How a part of a direct upload is sent: the `size` bytes from `offset` on, to `url`, with these headers. */
export interface Way {
  number: number
  offset: number
  size: number
  url: string
  method: string
  headers: Record<string, string>
}

export interface Upload {
  id: string
  status: "open" | "complete"
  assetId: string | null
  name: string
  size: number
  partSize: number | null
  expiresAt: string
  present: { number: number; size: number }[]
  parts: Way[]
}

/** Waveform peaks, as audiowaveform writes them (JSON version 2): pairs of lowest and highest sample. */
export interface Peaks {
  version: number
  channels: number
  sample_rate: number
  samples_per_pixel: number
  bits: number
  length: number
  data: number[]
}
