/// A row of the library: an asset's name, its facts, and how it stands.
import { useComputed } from "@preact/signals"
import { useEffect } from "preact/hooks"

import type { Asset } from "../api/types"
import { when } from "../words/dates"
import { size } from "../words/sizes"
import { clock } from "../words/times"
import { chosenId } from "./chosen"
import { latestOf, lookUpLatest } from "./jobs"
import { settled } from "./live"
import { now } from "./now"
import { hashOf } from "./route"
import { statusOf, type Status } from "./status"

/** An asset, as a link to all that is known of it. */
export function Row({ asset }: { asset: Asset }) {
  const latest = useComputed(() => latestOf(asset.id).value)
  const unknown = settled.value && !asset.renditions.prepared && !latest.value
  useEffect(() => {
    if (unknown) void lookUpLatest(asset.id)
  }, [unknown, asset.id])
  const status = statusOf(asset, latest.value)
  return (
    <li>
      <a class="row" href={hashOf(asset.id)} aria-current={chosenId.value === asset.id ? "true" : undefined}>
        <span class="row-name" title={asset.name}>
          {asset.name}
        </span>
        <span class={`row-status ${status.tone}`}>{status.words}</span>
        <span class="row-facts">{facts(asset, now.value)}</span>
        {status.progress !== null && <Progress status={status} name={asset.name} />}
      </a>
    </li>
  )
}

function Progress({ status, name }: { status: Status; name: string }) {
  return <progress aria-label={`Preparing ${name}`} max={1} value={status.progress ?? 0} />
}

function facts({ renditions, createdAt }: Asset, now: number): string {
  const { original, prepared } = renditions
  const length = original?.duration ?? prepared?.duration
  const bytes = original?.size ?? prepared?.size
  const words = [length != null && clock(length), bytes !== undefined && size(bytes), when(createdAt, now)]
  return words.filter(Boolean).join(" · ")
}
