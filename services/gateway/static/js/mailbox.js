// @ts-check
// /mail: what comes while the list is open shows up by itself.

const EVERY = 2000; // milliseconds: the page is for one person on their own machine

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#mails");
  const here = document.querySelector("#mails");
  if (there && here && there.innerHTML !== here.innerHTML) here.replaceWith(document.importNode(there, true));
}

setInterval(() => void look().catch(() => undefined), EVERY);
