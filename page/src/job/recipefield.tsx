/// A number of the recipe form, and what the server has against it, beside it.
import type { CallFailed } from "../api/client"
import type { Recipe } from "../api/types"

interface FieldProps {
  recipe: Recipe
  onChange: (part: Partial<Recipe>) => void
  name: "targetLufs" | "truePeakDbtp" | "bitrateKbps"
  label: string
  unit: string
  min: number
  max: number
  step: number
  trouble: CallFailed | null
}

/** A field for one of the recipe's numbers. */
export function Field({ name, label, unit, recipe, onChange, trouble, ...range }: FieldProps) {
  const said = saidOf(name, trouble)
  return (
    <label>
      <span>
        {label} <small>{unit}</small>
      </span>
      <input
        type="number"
        required
        {...range}
        value={recipe[name]}
        aria-invalid={said !== null}
        aria-describedby={said ? `${name}-trouble` : undefined}
        onInput={({ currentTarget: { valueAsNumber } }) => Number.isFinite(valueAsNumber) && onChange({ [name]: valueAsNumber })}
      />
      {said && (
        <span class="trouble" id={`${name}-trouble`}>
          {said}
        </span>
      )}
    </label>
  )
}

/** Whether what the server has against a recipe is said beside one of its fields. */
export function isOfAField(trouble: CallFailed): boolean {
  return ["recipe.targetLufs", "recipe.truePeakDbtp", "recipe.bitrateKbps"].includes(String(trouble.body["field"]))
}

/** What the server has against a field, without the field's name, beside which it stands. */
function saidOf(name: string, trouble: CallFailed | null): string | null {
  if (trouble?.body["field"] !== `recipe.${name}`) return null
  const said = trouble.message.replace(`recipe.${name}: `, "")
  return said.charAt(0).toUpperCase() + said.slice(1)
}
