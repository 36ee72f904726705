// Drives the fake Bitbucket Data Center by a client that nobody here wrote, so that the fake is held to more than our
// own reading of the API. Called with the folder of node_modules, the URL of the fake and the token.
import { pathToFileURL } from "node:url"
import assert from "node:assert/strict"

const [modules, url, token] = process.argv.slice(2)
const entry = pathToFileURL(`${modules}/@coderabbitai/bitbucket/dist/server/index.js`)
const { createBitbucketServerClient } = await import(entry.href)
const client = createBitbucketServerClient({
  baseUrl: `${url}/rest`,
  headers: { Accept: "application/json", Authorization: `Bearer ${token}` },
})
const repository = { slug: "foo-release", project: { key: "acme" } }
const path = { projectKey: "acme", repositorySlug: "foo-release" }
const pulls = "/api/latest/projects/{projectKey}/repos/{repositorySlug}/pull-requests"
const body = {
  title: "Promote 1.2.0 to prod",
  description: "What ships",
  fromRef: { id: "refs/heads/environment/qa", repository },
  toRef: { id: "refs/heads/environment/prod", repository },
}

const made = await client.POST(pulls, { params: { path }, body })
assert.equal(made.response.status, 201, JSON.stringify(made.error))
assert.equal(made.data.title, body.title)
assert.equal(made.data.fromRef.displayId, "environment/qa")

const again = await client.POST(pulls, { params: { path }, body })
assert.equal(again.response.status, 409)
assert.match(again.error.errors[0].exceptionName, /DuplicatePullRequestException$/)

const listed = await client.GET(pulls, {
  params: { path, query: { state: "OPEN", direction: "OUTGOING", at: "refs/heads/environment/qa" } },
})
assert.equal(listed.response.status, 200)
assert.equal(listed.data.values.length, 1)
assert.equal(listed.data.isLastPage, true)

const one = `${pulls}/{pullRequestId}`
const at = { ...path, pullRequestId: String(made.data.id) }
const read = await client.GET(one, { params: { path: at } })
assert.equal(read.data.state, "OPEN")

const change = (version) =>
  client.PUT(one, { params: { path: at }, body: { version, title: "Promote 1.2.1 to prod", description: "More" } })
assert.equal((await change(read.data.version)).response.status, 200)
assert.equal((await change(read.data.version)).response.status, 409, "a stale version is refused")

const stranger = createBitbucketServerClient({ baseUrl: `${url}/rest`, headers: { Accept: "application/json" } })
assert.equal((await stranger.GET(pulls, { params: { path } })).response.status, 401)
console.log("ok")
