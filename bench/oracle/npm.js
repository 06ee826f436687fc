// What the work of npm's oracledb costs its process, for bench/oracle.py: the same as ours.c does.
'use strict';

const path = require('path');

const oracledb = require(path.join(__dirname, '../../tests/oracle/drivers/node_modules/oracledb'));

const [address, user, password, work, count] = process.argv.slice(2);
const WARM_UP = 3;

async function readAll(connection, sql, binds, fetchArraySize) {
  const result = await connection.execute(sql, binds, { fetchArraySize });
  return result.rows.length;
}

const WORKS = {
  select: (connection) => readAll(connection, 'SELECT id, name FROM one WHERE id = :1', [7], 100),
  fetch: (connection) => readAll(connection, 'SELECT id, name FROM many', [], 1000),
  insert: async (connection) => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i, `number ${i}`]);
    await connection.executeMany('INSERT INTO filled (id, name) VALUES (:1, :2)', rows, {
      bindDefs: [{ type: oracledb.NUMBER }, { type: oracledb.STRING, maxSize: 40 }],
    });
    await connection.rollback();
  },
};

function cpuMicroseconds() {
  const { userCPUTime, systemCPUTime } = process.resourceUsage(); // getrusage(2)
  return userCPUTime + systemCPUTime;
}

async function main() {
  const connection = await oracledb.getConnection({ user, password, connectString: `${address}/svc` });
  for (let i = 0; i < WARM_UP; i++) {
    await WORKS[work](connection);
  }
  const begin = cpuMicroseconds();
  for (let i = 0; i < Number(count); i++) {
    await WORKS[work](connection);
  }
  console.log(((cpuMicroseconds() - begin) / Number(count)).toFixed(2));
  await connection.close();
}

main();
