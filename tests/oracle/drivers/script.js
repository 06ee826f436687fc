// The script as npm's oracledb runs it: each step and its result as a line of JSON.
'use strict';

const oracledb = require('oracledb');

const [address, user, password, , walletLocation, walletPassword] = process.argv.slice(2);

const say = (name, result) => console.log(JSON.stringify([name, result]));
const plain = (value) => {
  if (value instanceof Date) return value.toISOString().slice(0, 23).replace('T', ' ').replace('.000', '');
  if (value instanceof oracledb.IntervalDS) {
    const seconds = (value.hours * 60 + value.minutes) * 60 + value.seconds;
    return `${value.days} ${seconds}.${value.fseconds / 1000000}`;
  }
  return Buffer.isBuffer(value) ? value.toString('hex').toUpperCase() : value;
};
const connect = (word, service) =>
  oracledb.getConnection({
    user,
    password: word,
    connectString: `${address}/${service}`,
    walletLocation,
    walletPassword,
  });

const rows = async (connection, sql, binds = []) =>
  (await connection.execute(sql, binds)).rows.map((row) => row.map(plain));

const refused = async (name, action) => {
  try {
    await action();
    say(name, 'taken');
  } catch (error) {
    say(name, error.code);
  }
};

const main = async () => {
  const connection = await connect(password, 'svc');
  say('version', connection.oracleServerVersionString.split('.')[0]);
  say('one', await rows(connection, 'SELECT 1 FROM DUAL'));
  say('one again', await rows(connection, 'SELECT 1 FROM DUAL'));
  const echo = "SELECT :1 AS A, :2 AS B, :3 AS C, NULL AS D, 'x' AS E FROM DUAL";
  const moment = { val: new Date(Date.UTC(2024, 1, 29, 13, 14, 15)), type: oracledb.DATE };
  for (const [name, binds] of [
    ['binds', [12.5, 'Grüße', moment]],
    ['other binds', [-1, 'a'.repeat(300), moment]],
  ]) {
    say(name, await rows(connection, echo, binds));
  }
  say('names', (await connection.execute(echo, [1, 'x', moment])).metaData.map((column) => column.name));
  const fraction = new Date(Date.UTC(2024, 1, 29, 13, 14, 15, 123));
  const interval = { days: 3, hours: 4, minutes: 5, seconds: 6, fseconds: 700000000 };
  const typed = [
    { val: Buffer.from([0, 255, 16]), type: oracledb.DB_TYPE_RAW },
    { val: 'Grüße 😀', type: oracledb.DB_TYPE_NVARCHAR },
    { val: fraction, type: oracledb.DB_TYPE_TIMESTAMP },
    { val: fraction, type: oracledb.DB_TYPE_TIMESTAMP_TZ },
    { val: fraction, type: oracledb.DB_TYPE_TIMESTAMP_LTZ },
    { val: new oracledb.IntervalDS(interval), type: oracledb.DB_TYPE_INTERVAL_DS },
    { val: -2.25, type: oracledb.DB_TYPE_BINARY_DOUBLE },
    { val: 0.5, type: oracledb.DB_TYPE_BINARY_FLOAT },
  ];
  const all = 'SELECT :1 AS A, :2 AS B, :3 AS C, :4 AS D, :5 AS E, :6 AS F, :7 AS G, :8 AS H FROM DUAL';
  say('types', await rows(connection, all, typed));
  const level = "SELECT LEVEL AS N, 'abc' AS T FROM DUAL CONNECT BY LEVEL <= :n";
  for (const [name, count] of [['many rows', 250], ['some rows', 3], ['no rows', 0]]) {
    const found = await rows(connection, level, [count]);
    say(name, [found.length, found.reduce((sum, row) => sum + row[0], 0)]);
  }
  const tags =
    "SELECT SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') AS A, SYS_CONTEXT('USERENV', 'MODULE') AS B, " +
    "SYS_CONTEXT('USERENV', 'ACTION') AS C, SYS_CONTEXT('USERENV', 'CLIENT_INFO') AS D FROM DUAL";
  connection.clientId = 'who';
  connection.module = 'shop';
  connection.action = 'buy';
  connection.clientInfo = 'Grüße';
  say('tags', await rows(connection, tags));
  connection.action = 'pay';
  say('another action', await rows(connection, tags));
  connection.clientInfo = '';
  say('one taken away', await rows(connection, tags));
  say('insert', (await connection.execute('INSERT INTO T VALUES (:1)', [5])).rowsAffected);
  say('array', (await connection.executeMany('INSERT INTO T VALUES (:1)', [[5], [6], [7]])).rowsAffected);
  await connection.commit();
  await connection.rollback();
  await connection.ping();
  for (const sql of ['SELECT nothing FROM DUAL', 'SELECT 1 FROM NOWHERE', 'NONSENSE']) {
    await refused(sql, () => connection.execute(sql));
  }
  connection.callTimeout = 200;
  await refused('break', () => connection.execute('BEGIN SLEEP(60000); END;'));
  connection.callTimeout = 0;
  say('after the break', await rows(connection, 'SELECT 1 FROM DUAL'));
  await refused('cut', () => connection.execute('BEGIN CUT; END;'));
  await refused('password', () => connect('wrong', 'svc'));
  await refused('service', () => connect(password, 'other'));
  const last = await connect(password, 'svc');
  await last.close();
  say('close', 'done');
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
