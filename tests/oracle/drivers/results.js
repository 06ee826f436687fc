// The same as results.py, by npm's oracledb.
'use strict';
const oracledb = require('oracledb');

async function main([address, user, password, block]) {
  const connection = await oracledb.getConnection({ user, password, connectString: `${address}/svc` });
  const { implicitResults } = await connection.execute(block);
  const { rows: [[place]] } = await connection.execute('SELECT w.ROWID FROM wares w WHERE w.id = 2');
  const { rows } = await connection.execute('SELECT id, name FROM wares WHERE ROWID = :place', [place]);
  console.log(JSON.stringify({ results: implicitResults, place, found: rows }));
  await connection.close();
}

main(process.argv.slice(2));
