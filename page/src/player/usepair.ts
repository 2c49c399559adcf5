/// The pair of an asset that is shown, for as long as it is shown.
import { useEffect, useLayoutEffect, useState } from "preact/hooks"

import type { Asset, Figures, Variant } from "../api/types"
import type { Alignment } from "./alignment"
import { Pair } from "./pair"

/** What there is to hear of an asset. */
export function variantsOf(asset: Asset): Variant[] {
  return (["original", "prepared"] as const).filter((variant) => asset.renditions[variant])
}

/** Names what there is to hear of an asset: with something else to hear, a player begins anew. */
export function soundOf({ id, renditions }: Asset): string {
  return [id, renditions.original?.etag, renditions.prepared?.etag].join(" ")
}

/** Return the pair of an asset, one and the same as long as `soundOf` says the same. */
export function usePair(asset: Asset, figures: Figures | null): Pair {
  const alignment = alignmentOf(asset, figures)
  const [pair] = useState(() => new Pair(asset.id, variantsOf(asset), alignment))
  useLayoutEffect(() => {
    // of all effects, these alone are sure to come after the end of the player before
    takeOver(asset.id, pair)
    return () => leave(asset.id, pair)
  }, [pair])
  useEffect(() => pair.align(alignment), [pair, JSON.stringify(alignment)])
  return pair
}

/** Milliseconds after its end in which a player is followed by another one of the same asset, which then goes on. */
const AT_ONCE = 1000

/** What the player before did when it ended, and when that was. */
let left: { assetId: string; time: number; playing: boolean; heard: Variant; ended: number } | null = null

function leave(assetId: string, pair: Pair): void {
  left = { assetId, time: pair.time.peek(), playing: pair.playing.peek(), heard: pair.heard.peek(), ended: performance.now() }
  pair.close()
}

function takeOver(assetId: string, pair: Pair): void {
  const before = left
  left = null
  if (before?.assetId !== assetId || performance.now() - before.ended > AT_ONCE) return
  if (before.playing) pair.listen(before.heard)
  pair.seek(before.time)
  if (before.playing) void pair.play()
}

/** Lengths as they were measured, or as the server knows them: 0 where nobody knows yet. */
function alignmentOf({ renditions }: Asset, figures: Figures | null): Alignment {
  return {
    original: figures?.before.duration ?? renditions.original?.duration ?? 0,
    prepared: renditions.prepared ? (figures?.after.duration ?? renditions.prepared.duration ?? 0) : 0,
    head: renditions.prepared ? (figures?.trimmedHead ?? 0) : 0,
  }
}
