import { api, ask, type Schemas } from './api'

const answer = $state<{ fields: Schemas['FilterFields'] | undefined }>({ fields: undefined })
let asked = false

/** What lists can be filtered by, asked for once. `undefined` until the collector answered. */
export function known(): Schemas['FilterFields'] | undefined {
  if (!asked) {
    asked = true
    void ask(api.GET('/api/v1/filter-fields')).then(
      (fields) => (answer.fields = fields),
      () => (asked = false),
    )
  }
  return answer.fields
}

/** The words that a field of devices can have. */
export function words(name: string): string[] {
  return known()?.devices.find((field) => field.name === name)?.values ?? []
}
