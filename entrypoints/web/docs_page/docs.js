// Shows this server's OpenAPI document. Asks for an API key where the server wants one, and keeps it for the session only.

const KEPT = "greenroom.apiKey"
const form = document.querySelector("form")

async function show() {
  const key = sessionStorage.getItem(KEPT)
  const answer = await fetch("/schema", { headers: key ? { Authorization: `Bearer ${key}` } : {} })
  const told = await answer.json()
  if (answer.ok) display(told, key)
  else if (answer.status === 401) ask(key ? "This server does not know this key." : "This server wants an API key.")
  else document.querySelector("main").textContent = told.error
}

function ask(sentence) {
  sessionStorage.removeItem(KEPT)
  form.querySelector("[role=alert]").textContent = sentence
  form.hidden = false
  form.key.focus()
}

function display(told, key) {
  form.hidden = true
  told.servers = [{ url: location.origin }] // what is tried out goes where the page came from: nowhere else is allowed
  const shown = SwaggerUIBundle({
    spec: told,
    domNode: document.querySelector("main"),
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    onComplete: () => key && shown.preauthorizeApiKey("apiKey", key),
  })
}

form.addEventListener("submit", (event) => {
  event.preventDefault()
  sessionStorage.setItem(KEPT, form.key.value)
  form.reset()
  show()
})

show()
