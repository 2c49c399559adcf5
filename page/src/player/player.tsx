/// The player: two waveforms on one axis, one moment, and the change between original and prepared.
import { useEffect } from "preact/hooks"

import type { Asset, Figures } from "../api/types"
import { Choice, Clock, Match, PlayButton, Seek } from "./controls"
import { KeyList } from "./keylist"
import { isTaken, press } from "./keys"
import { canTurnDown, matched, turnedDown, volumes, type Loudness } from "./matching"
import type { Pair } from "./pair"
import { mediaSession } from "./session"
import { Troubles } from "./troubles"
import { usePair, variantsOf } from "./usepair"
import { Waves } from "./waves"
import "./player.css"

interface Props {
  asset: Asset
  figures: Figures | null
}

/** The player of an asset that has something to play: one for each `soundOf` it. */
export function Player({ asset, figures }: Props) {
  const pair = usePair(asset, figures)
  const loudness = loudnessIn(figures)
  const canChange = variantsOf(asset).length > 1
  const canCompare = canChange && canTurnDown() && Object.keys(pair.troubles.value).length === 0
  const down = canCompare ? turnedDown(loudness) : null
  const loud = volumes(loudness, canCompare && matched.value)
  useEffect(() => pair.setVolumes(loud), [pair, loud.original, loud.prepared])
  useEffect(() => mediaSession(asset.name, pair), [pair, asset.name])
  useKeys(pair)
  return (
    <section class="player" aria-label="Player">
      <Waves asset={asset} pair={pair} volumes={loud} />
      <Seek pair={pair} />
      <div class="controls">
        <PlayButton pair={pair} />
        <Clock pair={pair} />
        {canChange && <Choice pair={pair} />}
        {down && <Match {...down} />}
      </div>
      <Troubles pair={pair} />
      <KeyList />
    </section>
  )
}

function loudnessIn(figures: Figures | null): Loudness {
  return { original: figures?.before.loudnessLufs ?? null, prepared: figures?.after.loudnessLufs ?? null }
}

function useKeys(pair: Pair): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isTaken(event) && press(event, pair)) event.preventDefault()
    }
    document.addEventListener("keydown", onKey)
    return () => document.removeEventListener("keydown", onKey)
  }, [pair])
}
