/// What there is to know of an asset, and to hear.
import type { Asset } from "../api/types"
import { Jobs } from "../job/jobs"
import { RecipeForm } from "../job/recipeform"
import { Actions } from "../library/actions"
import { jobsOf } from "../library/jobs"
import { FigureTable } from "./figures"
import { Player } from "./player"
import { soundOf, variantsOf } from "./usepair"
import "./detail.css"

/** An asset in full. */
export function Detail({ asset }: { asset: Asset }) {
  const jobs = jobsOf(asset.id).value
  const figures = asset.renditions.prepared?.figures ?? null
  const last = jobs.find((job) => job.recipe)?.recipe ?? null
  return (
    <article class="detail">
      <h2>{asset.name}</h2>
      <Actions asset={asset} />
      {variantsOf(asset).length > 0 && (
        <Player key={soundOf(asset)} asset={asset} figures={figures} />
      )}
      <FigureTable asset={asset} figures={figures} />
      <section aria-labelledby="jobs">
        <h3 id="jobs">What was done</h3>
        <Jobs jobs={jobs} />
        <RecipeForm key={last ? "again" : "first"} assetId={asset.id} last={last} />
      </section>
    </article>
  )
}
