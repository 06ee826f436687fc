// Looks at V$SESSION and V$SQL every so many milliseconds until standard input ends: a line of JSON for each look, with the
// sessions that are not its own; the last one has the statements too.
'use strict';

const oracledb = require('oracledb');

const [connectString, user, password, pause] = process.argv.slice(2);
const NAME = 'the watcher';
const SESSIONS = `SELECT sid, status, module, action, client_identifier, sql_id, prev_sql_id, program
  FROM v$session WHERE module IS NULL OR module <> '${NAME}'`;
const STATEMENTS = `SELECT sql_id, module, action, executions, sql_text FROM v$sql WHERE module IS NULL OR module <> '${NAME}'`;

let isOver = false;
process.stdin.on('end', () => (isOver = true)).resume();

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const watch = async () => {
  const connection = await oracledb.getConnection({ user, password, connectString });
  connection.module = NAME;
  const look = async (query) => (await connection.execute(query, [], { outFormat: oracledb.OUT_FORMAT_OBJECT })).rows;
  await look(SESSIONS); // from here on the server knows who looks
  say({ begins: true });
  while (!isOver) {
    say({ sessions: await look(SESSIONS) });
    await new Promise((resolve) => setTimeout(resolve, Number(pause)));
  }
  say({ sessions: await look(SESSIONS), statements: await look(STATEMENTS) });
  await connection.close();
};

watch().catch((failure) => {
  process.stderr.write(`${failure.stack}\n`);
  process.exitCode = 1;
});
