/// The figures before and after, as far as they are known.
import type { Asset, Figures } from "../api/types"
import { dbtp, decimal, gain, lufs } from "../words/loudness"
import { size } from "../words/sizes"
import { clock } from "../words/times"

const UNKNOWN = "Its worker said nothing of what it cut off or changed: both are played from their beginnings, each as loud as it is."

type Row = [what: string, before: string, after: string]

/** A table of both, and what was done between. */
export function FigureTable({ asset, figures }: { asset: Asset; figures: Figures | null }) {
  const rows = rowsOf(asset, figures)
  const { prepared } = asset.renditions
  return (
    <section class="figures" aria-label="Figures">
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">Original</th>
            {prepared && <th scope="col">Prepared</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, before, after]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{before}</td>
              {prepared && <td>{after}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {figures && <p class="quiet">{done(figures)}</p>}
      {prepared && !figures && <p class="quiet">{UNKNOWN}</p>}
      {figures?.note && <p class="note">{figures.note}</p>}
    </section>
  )
}

function rowsOf({ renditions: { original, prepared } }: Asset, figures: Figures | null): Row[] {
  const measured: Row[] = []
  if (figures) {
    const { before, after } = figures
    measured.push(
      ["Loudness", lufs(before.loudnessLufs), lufs(after.loudnessLufs)],
      ["True peak", dbtp(before.truePeakDbtp), dbtp(after.truePeakDbtp)],
      ["Loudness range", range(before.rangeLu), range(after.rangeLu)],
      ["Length", length(before.duration), length(after.duration)],
      ["Codec", before.codec, after.codec],
      ["Sample rate", hertz(before.sampleRate), hertz(after.sampleRate)],
      ["Channels", String(before.channels), String(after.channels)],
    )
  } else {
    measured.push(["Length", length(original?.duration), length(prepared?.duration)])
  }
  return [...measured, ["Size", original ? size(original.size) : "–", prepared ? size(prepared.size) : "–"]]
}

function done({ gainDb, limited, trimmedHead, trimmedTail }: Figures): string {
  const trimmed = trimmedHead || trimmedTail
  return [
    `Gain ${gain(gainDb)}`,
    limited ? "peaks held by the limiter" : "no limiter needed",
    trimmed ? `${trimmedHead.toFixed(2)} s off the head, ${trimmedTail.toFixed(2)} s off the tail` : "nothing trimmed",
  ].join("; ")
}

function range(value: number | null): string {
  return value === null ? "–" : `${decimal(value)} LU`
}

function hertz(value: number): string {
  return `${value / 1000} kHz`
}

function length(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–"
  return seconds < 60 ? `${seconds.toFixed(2)} s` : clock(seconds)
}
