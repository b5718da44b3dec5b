// Walks through the console in a real browser: logs in, reads every page in both themes and on a phone, uses it by
// keyboard, and has axe judge each page. usage: walk.mjs URL USER OUTDIR READER (the passwords of USER and of READER, who
// may decide nothing, on standard input)
import { readFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { changes, decisions, longList, map, past } from './inventory.mjs'

const [url, user, out, reader] = process.argv.slice(2)
const [password, readers] = readFileSync(0, 'utf8').trim().split('\n')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
mkdirSync(out, { recursive: true })

const failures = []
const check = (holds, what) => {
  if (!holds) failures.push(what)
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})

async function judged(page, name) {
  // The page's policy forbids inline scripts; the judge comes in through the debugging door.
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }))
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  for (const one of grave) console.log(`     ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`)
  check(grave.length === 0, `${name}: axe finds nothing serious (${violations.length} minor)`)
}

async function open(theme, width, height) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: theme, viewport: { width, height } })
  const page = await context.newPage()
  page.on('pageerror', (error) => check(false, `a script failed: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) check(false, `the browser complains: ${message.text()}`)
  })
  await page.goto(url)
  await page.getByLabel('Name').waitFor()
  return page
}

async function enter(page, who = user, word = password) {
  await page.getByLabel('Name').fill(who)
  await page.getByLabel('Password').fill(word)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('#main .page, #main .split').first().waitFor()
}

async function visit(page, place, ready, name) {
  await page.evaluate((to) => (location.hash = to), place)
  await page.locator(ready).first().waitFor()
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${out}/${name}.png` })
  await judged(page, name)
}

const tools = { check, judged, visit, out }
for (const theme of ['light', 'dark']) {
  const page = await open(theme, 1440, 900)
  await judged(page, `login-${theme}`)
  await page.screenshot({ path: `${out}/login-${theme}.png` })
  if (theme === 'light') {
    await page.getByLabel('Name').fill(user)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').waitFor()
    check(true, 'a wrong password is refused with a reason')
  }
  await enter(page)
  await visit(page, '/today', '.lead', `today-${theme}`)
  check((await page.locator('.needs li').count()) > 0, 'Today names what needs somebody')

  await visit(page, '/devices', '.tbl tbody tr', `devices-${theme}`)
  const all = await page.locator('.tbl tbody tr').count()
  check(all >= 10, `Devices lists the lab's machines (${all} rows)`)
  // Only the rows in sight stand in the document: each machine is looked for as a person does.
  for (const name of ['ct01', 'us02', 'pacs.clin.example']) {
    await page.locator('#filter').fill(name)
    const found = page.locator('.tbl tbody tr.row a', { hasText: name }).first()
    check(await found.waitFor({ timeout: 10_000 }).then(() => true, () => false), `Devices names ${name}`)
  }
  await page.locator('#filter').fill('')
  await page.locator('.tbl tbody tr.row').nth(9).waitFor()
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('/')
  await page.keyboard.type('class:imaging')
  await page.waitForTimeout(900)
  const imaging = await page.locator('.tbl tbody tr').count()
  check(imaging > 0 && imaging < all, `the filter leaves imaging devices (${imaging})`)
  await page.keyboard.press('Escape')
  await page.evaluate(() => (location.hash = '/devices?q=clas%3Aimaging'))
  await page.reload()
  await page.getByText('Nearest:').waitFor()
  check(true, 'a wrong term is explained with the nearest word')
  await page.evaluate(() => (location.hash = '/devices?q=ct01'))
  await page.reload()
  await page.locator('.tbl tbody a').first().click()
  await page.getByText('Who it is, and why we think so').waitFor()
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${out}/device-${theme}.png` })
  await judged(page, `device-${theme}`)
  check((await page.locator('.ev li').count()) > 0, 'a device shows its reasons')
  if (theme === 'light') {
    await decisions(page, tools)
    await past(page, tools)
  }
  await changes(page, theme, tools)
  await map(page, theme, tools)
  const places = await page.locator('.nav a').evaluateAll((all) => all.map((one) => one.getAttribute('href').slice(1)))
  check(places.join() === '/today,/findings,/devices,/exposure,/changes,/map,/sensors', `the menu is what is visited here (${places.join(' ')})`)

  await visit(page, '/findings', '.story h1', `findings-${theme}`)
  check((await page.locator('.mail li').count()) >= 4, 'Findings lists what was found')
  if (theme === 'light') {
    const title = await page.locator('.story h1').innerText()
    await page.keyboard.press('j')
    await page.waitForTimeout(700)
    check((await page.locator('.story h1').innerText()) !== title, 'j opens the next finding')
    await page.keyboard.press('a')
    await page.getByText('Undo').waitFor()
    check(true, 'a acknowledges, and it can be undone')
    await page.keyboard.press('z')
    await page.waitForTimeout(1500)
  }
  await visit(page, '/exposure', '.exposure-tbl tbody tr', `exposure-${theme}`)
  check((await page.locator('.exposure-tbl tbody tr').count()) >= 3, 'Exposure lists what the advisories name')
  await page.locator('.exposure-tbl .as-link').first().click()
  await page.getByRole('heading', { name: 'What was compared' }).waitFor()
  check((await page.getByText('/product_tree/').count()) > 0, 'an exposure shows the node that decided')
  if (theme === 'light') {
    await page.getByRole('button', { name: 'Accept with controls' }).click()
    await page.getByLabel('Why').fill('It is replaced in spring.')
    await page.getByLabel('Compensating controls').fill('It stands in a network of its own.')
    await page.getByRole('button', { name: 'Accept', exact: true }).click()
    await page.locator('.exposure-tbl').getByText('accepted until').first().waitFor()
    check(true, 'what is accepted stays in the list, with the day')
  }
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${out}/exposure-open-${theme}.png`, fullPage: true })
  await judged(page, `exposure-open-${theme}`)

  await visit(page, '/sensors', '.fleet tbody tr', `sensors-${theme}`)
  await page.locator('.fleet a').first().click()
  await page.getByText('What it understands').first().waitFor()
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${out}/sensor-${theme}.png` })
  await judged(page, `sensor-${theme}`)

  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.locator('.lead').waitFor()
  check(true, 'g t goes to Today')
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.context().close()
}

const looking = await open('light', 1440, 900)
await enter(looking, reader, readers)
await visit(looking, '/devices?q=ct01', '.tbl tbody tr.row', 'devices-reader')
await looking.locator('.tbl tbody a').first().click()
await looking.getByRole('heading', { name: 'Decisions' }).waitFor()
const controls = await looking.getByRole('button', { name: /^(Edit|Undo|Add$|Merge|Not this device|Keep the note)/ }).count()
check(controls === 0, `who may not decide sees no controls for it (${controls})`)
await looking.context().close()

const many = await open('light', 1440, 900)
await longList(many, enter, tools)
await many.context().close()

const phone = await open('light', 390, 844)
await enter(phone)
for (const [place, ready] of [['/today', '.lead'], ['/devices', '.tbl tbody tr'], ['/findings', '.mail li'], ['/exposure', '.exposure-tbl tbody tr'], ['/changes', '.lead'], ['/map', '.tbl tbody tr'], ['/sensors', '.fleet tbody tr']]) {
  await visit(phone, place, ready, `${place.slice(1)}-390`)
  const wide = await phone.evaluate(() => document.documentElement.scrollWidth)
  check(wide <= 390, `${place} fits a phone (${wide} px)`)
}
await phone.evaluate(() => (location.hash = '/today'))
const leave = phone.getByRole('button', { name: 'Log out' })
if (await leave.isVisible()) {
  await leave.click()
  await phone.getByLabel('Password').waitFor()
  check(true, 'logging out ends the session')
}
await browser.close()
console.log(`${failures.length} failures`)
process.exit(failures.length > 0 ? 1 : 0)
