/// The form by which audio is prepared again, to another target or in another format.
import { useSignal } from "@preact/signals"

import { CallFailed } from "../api/client"
import { newRequest, order } from "../api/orders"
import type { Format, Job, Recipe } from "../api/types"
import { takeJob } from "../library/jobs"
import { announce } from "../words/announcing"
import { FORMATS, PRESETS, presetOf, USUAL } from "./recipe"
import { Field, isOfAField } from "./recipefield"

interface Props {
  assetId: string
  /** What it was prepared by the last time. */
  last: Recipe | null
}

/** The form, folded away until it is wanted. */
export function RecipeForm({ assetId, last }: Props) {
  const recipe = useSignal<Recipe>(last ?? USUAL)
  const trouble = useSignal<CallFailed | null>(null)
  const request = useSignal(newRequest())
  const change = (part: Partial<Recipe>) => {
    recipe.value = { ...recipe.peek(), ...part }
    request.value = newRequest()
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    trouble.value = await ordered(assetId, recipe.peek(), request.peek())
    if (!trouble.peek()) request.value = newRequest()
  }
  return (
    <details class="recipe">
      <summary>{last ? "Prepare again" : "Prepare"}</summary>
      <form onSubmit={submit}>
        <Preset recipe={recipe.value} onChange={change} />
        <Field name="targetLufs" label="Loudness" unit="LUFS" min={-40} max={-5} step={0.1} recipe={recipe.value} onChange={change} trouble={trouble.value} />
        <Field name="truePeakDbtp" label="True peak, at most" unit="dBTP" min={-12} max={0} step={0.1} recipe={recipe.value} onChange={change} trouble={trouble.value} />
        <label>
          Format
          <select value={recipe.value.format} onChange={(event) => change({ format: event.currentTarget.value as Format })}>
            {Object.entries(FORMATS).map(([format, { name }]) => (
              <option key={format} value={format}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {FORMATS[recipe.value.format].lossy && (
          <Field name="bitrateKbps" label="Bit rate" unit="kbit/s" min={32} max={320} step={1} recipe={recipe.value} onChange={change} trouble={trouble.value} />
        )}
        <label class="check">
          <input type="checkbox" checked={recipe.value.trim} onChange={(event) => change({ trim: event.currentTarget.checked })} />
          Take off the silence at both ends
        </label>
        {trouble.value && !isOfAField(trouble.value) && (
          <p class="trouble" role="alert">
            {trouble.value.message}
          </p>
        )}
        <button class="main" type="submit">
          Prepare
        </button>
      </form>
    </details>
  )
}

interface PartProps {
  recipe: Recipe
  onChange: (part: Partial<Recipe>) => void
}

function Preset({ recipe, onChange }: PartProps) {
  const chosen = presetOf(recipe)
  const choose = (name: string) => {
    const preset = PRESETS.find((each) => each.name === name)
    if (preset) onChange({ targetLufs: preset.targetLufs, truePeakDbtp: preset.truePeakDbtp })
  }
  return (
    <label>
      For
      <select value={chosen ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
        {chosen === null && <option value="">My own target</option>}
        {PRESETS.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Order it, and return what the server had against it, if anything. */
async function ordered(assetId: string, recipe: Recipe, request: string): Promise<CallFailed | null> {
  try {
    const job: Job = await order(assetId, recipe, request)
    takeJob(job)
    announce("It is being prepared again.")
    return null
  } catch (error) {
    if (error instanceof CallFailed) return error
    throw error
  }
}
