/// Having audio prepared again, by another recipe.
import { assetPath, send } from "./client"
import type { Job, Recipe } from "./types"

/** Ask for an asset to be prepared by this recipe. The same `request` asked again makes no second job. Throw CallFailed. */
export async function order(assetId: string, recipe: Recipe, request: string): Promise<Job> {
  const answer = await send(assetPath(assetId, "/jobs"), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": request },
    body: JSON.stringify({ recipe }),
  })
  return (await answer.json()) as Job
}

/** A name for a request that nobody else uses. Pages on plain HTTP have no `randomUUID`. */
export function newRequest(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
