import createClient from 'openapi-fetch'
import type { components, paths } from '../api/schema'

export type Schemas = components['schemas']
export type Device = Schemas['Device']
export type DeviceList = Schemas['DeviceList']
export type DeviceRow = Schemas['DeviceRow']
export type DeviceExposure = Schemas['DeviceExposure']
export type ExposureItem = Schemas['ExposureItem']
export type ExposureList = Schemas['ExposureList']
export type ExposureRow = Schemas['ExposureRow']
export type ExposureSummary = Schemas['ExposureSummary']
export type Finding = Schemas['Finding']
export type FindingList = Schemas['FindingList']
export type FindingRow = Schemas['FindingRow']
export type Sensor = Schemas['Sensor']
export type SensorList = Schemas['SensorList']
export type SensorRow = Schemas['SensorRow']
export type Session = Schemas['Session']
export type Today = Schemas['Today']
export type Verdict = Schemas['Verdict']
export type SeverityWord = Schemas['SeverityWord']
export type Seeing = Schemas['Seeing']
export type Beat = Schemas['Beat']
export type Decide = Schemas['Decide']
export type Diff = Schemas['DiffAnswer']
export type MapAnswer = Schemas['MapAnswer']
export type MapNode = Schemas['MapNode']
export type MapEdge = Schemas['MapEdge']
export type Suggestion = Schemas['SuggestionRow']
export type QueryAccount = Schemas['QueryAccount']

/** Why a request was not done, in the collector's words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly whatToDo: string,
    readonly requestId: string,
  ) {
    super(message)
  }
}

let csrf = ''
export function setCsrf(token: string): void {
  csrf = token
}

const client = createClient<paths>({ baseUrl: '', credentials: 'same-origin' })
client.use({
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-Holter-Csrf', csrf)
    return request
  },
})

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The data of an answer, or its refusal as an error. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>
  try {
    got = await answer
  } catch {
    throw new Refused(0, 'The collector does not answer.', 'Check the network; this page tries again by itself.', '')
  }
  if (got.response.ok && got.data !== undefined) return got.data
  if (got.response.ok) return undefined as T
  const problem = got.error as Partial<Schemas['Problem']> | undefined
  throw new Refused(
    got.response.status,
    problem?.error ?? `The collector answered ${got.response.status}.`,
    problem?.what_to_do ?? '',
    problem?.request_id ?? '',
  )
}

export const api = client
