// @ts-check
// The page's script, wired together: makes a page that works without it quicker and livelier. Modules by noun, imported
// one way (tests/js/imports.test.js), no build step.
//
// state.js       what the server says of the screen        dom.js, typing.js  elements; what the user is typing
// transport.js   one request: time limit, tries, offline   stream.js          server-sent events
// server.js      what the page says to the server          checkin.js         when to check in, and with what
// screen.js      putting up the next screen                commands.js        what a check-in's reply does
// form.js        sending; requestids.js under which id     live.js            what happens while a screen stands
// fields.js      fields by the name of their variable      conditions.js      show if and kin
// progress.js    how far the work is that it waits for
// documents.js   documents that are being made, and their sizes
// waiting.js     over a screen that stays while the interview waits
// otherwindows.js  of the same session: who is left behind is told    uploads.js    how far files are on their way
// validate.js    messages beside fields; rules.js decides  widgets/           controls that browsers lack
// startpage.js   the list of interviews                   workshop.js  for the author: what was saved, what code said
// author.js      what an interview brings; scripts.js runs it, api.js is what it may call, actionlinks.js its addresses
import * as api from "./api.js";
import { Acknowledgements, CheckIns } from "./checkin.js";
import { obey } from "./commands.js";
import * as documents from "./documents.js";
import { report } from "./fields.js";
import { connection } from "./flash.js";
import * as form from "./form.js";
import * as help from "./help.js";
import { Live } from "./live.js";
import { OtherWindows } from "./otherwindows.js";
import * as progress from "./progress.js";
import * as screen from "./screen.js";
import * as scripts from "./scripts.js";
import * as server from "./server.js";
import * as startPage from "./startpage.js";
import { current } from "./state.js";
import { EventStream } from "./stream.js";
import { ANSWER_SECONDS, Transport } from "./transport.js";
import * as typing from "./typing.js";
import { upload } from "./upload.js";
import * as validate from "./validate.js";
import * as workshop from "./workshop.js";

const transport = new Transport({ fetch, upload, seconds: () => current().answer_seconds ?? ANSWER_SECONDS, connection, window });
const checkIns = new CheckIns({
  page: current,
  send: server.checkIn,
  report,
  moment: typing.moment,
  obey,
  acks: new Acknowledgements(sessionStorage),
  progress: progress.show,
  look: () => live.moveOn(),
  tell: (text) => console.warn(text),
  gone: () => windows.ended(),
});
const stream = new EventStream({ open: (address) => new EventSource(address), hear: (event, data) => live.hear(event, data) });
const channel = "BroadcastChannel" in window ? new BroadcastChannel("parley") : null;
const windows = new OtherWindows(
  channel,
  () => void screen.refresh(),
  ({ url = location.href }) => location.assign(`${url}&new_session=1`),
);
const live = new Live(checkIns, stream, windows);

server.start(transport);
scripts.start();
api.start();
help.start();
startPage.start();
validate.start();
typing.start();
documents.start();
screen.onScreen(() => documents.enhance());
live.start();
if (screen.start()) form.start();
// A page that came without a screen is loaded again: it says what was wrong with the version before.
workshop.start(async () => {
  if (current().session) return form.renew();
  location.reload();
  return true;
});
