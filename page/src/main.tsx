/// Where the page begins.
import { render } from "preact"

import { App } from "./app"
import "./style/tokens.css"
import "./style/base.css"

const place = document.getElementById("page")
if (place) render(<App />, place)
