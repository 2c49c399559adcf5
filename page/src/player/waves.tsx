/// Both waveforms on one axis: the prepared one lies where it begins in the original, and is as much shorter as it is.
import { useComputed } from "@preact/signals"
import { useEffect, useState } from "preact/hooks"

import { readPeaks } from "../api/peaks"
import type { Asset, Variant } from "../api/types"
import { inOriginal, inPrepared, placing } from "./alignment"
import { NAMES } from "./controls"
import type { Pair } from "./pair"
import { variantsOf } from "./usepair"
import { WaveView } from "./wave"
import { drawn, heights, type Drawn, type Wave } from "./waveform"

interface Props {
  asset: Asset
  pair: Pair
  /** How loud each variant plays, from 0 to 1. */
  volumes: Record<Variant, number>
}

/** The waveforms of what there is. */
export function Waves({ asset, pair, volumes }: Props) {
  const original = useWave(asset, "original")
  const prepared = useWave(asset, "prepared")
  const waves: Drawn = { ...(original && { original }), ...(prepared && { prepared }) }
  const stretch = heights(waves, volumes)
  return (
    <div class="waves">
      {variantsOf(asset).map((variant) => (
        <Track key={variant} pair={pair} variant={variant} wave={waves[variant] ?? null} stretch={stretch[variant]} />
      ))}
    </div>
  )
}

interface TrackProps {
  pair: Pair
  variant: Variant
  wave: Wave | null
  stretch: number
}

function Track({ pair, variant, wave, stretch }: TrackProps) {
  const alignment = pair.alignment.value
  const { start, width } = variant === "prepared" ? placing(alignment) : { start: 0, width: originalWidth(pair) }
  const time = useComputed(() =>
    variant === "prepared" ? inPrepared(pair.time.value, pair.alignment.value) : pair.time.value,
  )
  const isHeard = pair.heard.value === variant
  return (
    <div class={`track ${variant} ${isHeard ? "heard" : ""}`}>
      <span class="name">{NAMES[variant]}</span>
      <div class="lane">
        <div style={{ marginInlineStart: `${start * 100}%`, width: `${width * 100}%` }}>
          <WaveView
            wave={wave}
            length={alignment[variant]}
            time={time}
            stretch={stretch}
            colour={isHeard ? `--${variant}` : "--quiet"}
            onSeek={(at) => pair.seek(variant === "prepared" ? inOriginal(at, pair.alignment.peek()) : at)}
          />
        </div>
      </div>
    </div>
  )
}

function originalWidth(pair: Pair): number {
  return pair.length > 0 ? pair.alignment.value.original / pair.length : 1
}

function useWave(asset: Asset, variant: Variant): Wave | null {
  const [wave, setWave] = useState<Wave | null>(null)
  const rendition = asset.renditions[variant]
  useEffect(() => {
    if (!rendition?.peaks) return
    const stop = new AbortController()
    readPeaks(asset.id, variant, stop.signal)
      .then((peaks) => setWave(peaks && drawn(peaks)))
      .catch(() => undefined)
    return () => stop.abort()
  }, [asset.id, rendition?.etag, rendition?.peaks])
  return wave
}
