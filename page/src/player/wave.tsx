/// One waveform, drawn from peaks: what has been heard of it is coloured, and a click or a drag leads to its moment.
import { useSignalEffect, type ReadonlySignal } from "@preact/signals"
import { useEffect, useRef } from "preact/hooks"
import WaveSurfer from "wavesurfer.js"

import type { Wave } from "./waveform"

const HEIGHT = 72

interface Props {
  wave: Wave | null
  /** Seconds that the wave spans, and where on it playing is. */
  length: number
  time: ReadonlySignal<number>
  /** By how much it is stretched upwards. */
  stretch: number
  /** The custom property that holds the colour of what was heard. */
  colour: string
  onSeek: (at: number) => void
}

/** A waveform; a plain line where there are no peaks. */
export function WaveView({ wave, length, time, stretch, colour, onSeek }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const shown = useRef<WaveSurfer | null>(null)

  useEffect(() => {
    if (!place.current || length <= 0) return
    const surfer = WaveSurfer.create({
      container: place.current,
      height: HEIGHT,
      peaks: wave ?? [new Float32Array(100)],
      duration: length,
      cursorWidth: 2,
      dragToSeek: { debounceTime: 0 },
      hideScrollbar: true,
      cspNonce: nonce(),
    })
    surfer.on("click", (part) => onSeek(part * length))
    surfer.on("drag", (part) => onSeek(part * length))
    surfer.on("ready", () => surfer.setTime(inside(time.peek(), length)))
    shown.current = surfer
    return () => {
      shown.current = null
      surfer.destroy()
    }
  }, [wave, length])

  useEffect(() => {
    const paint = () => shown.current?.setOptions({ barHeight: stretch, ...colours(colour) })
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    paint()
    scheme.addEventListener("change", paint)
    return () => scheme.removeEventListener("change", paint)
  }, [wave, length, stretch, colour])

  useSignalEffect(() => {
    shown.current?.setTime(inside(time.value, length))
  })

  return <div class="wave" ref={place} aria-hidden="true" />
}

function inside(at: number, length: number): number {
  return Math.min(Math.max(0, at), length)
}

function colours(property: string) {
  const style = getComputedStyle(document.documentElement)
  return {
    waveColor: style.getPropertyValue("--wave"),
    progressColor: style.getPropertyValue(property),
    cursorColor: style.getPropertyValue("--text"),
  }
}

/** What lets a style be set where the page's policy allows no other. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? ""
}
