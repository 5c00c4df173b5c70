// What the npm package mailparser reads in messages, as JSON, one line each. NODE_PATH names the folder of modules.
const fs = require("fs");
const { simpleParser } = require("mailparser");

async function read(path) {
    const mail = await simpleParser(fs.readFileSync(path), { skipTextToHtml: true, skipTextLinks: true });
    const list = mail.headers.get("list"); // previews have none
    return {
        path, from: mail.from.value, to: mail.to.value, subject: mail.subject, date: mail.date.toISOString(), id: mail.messageId,
        unsubscribe: list ? [list.unsubscribe.url, list.unsubscribe.mail] : null,
        oneClick: list ? list["unsubscribe-post"].name || list["unsubscribe-post"] : null,
        auto: mail.headers.get("auto-submitted"), text: mail.text, html: mail.html, attachments: mail.attachments.length,
    };
}

(async () => {
    for (const path of process.argv.slice(2))
        console.log(JSON.stringify(await read(path)));
})();
