// The script of script.json as npm's oracledb runs it: each step's name and result as a line of JSON.
'use strict';

const oracledb = require('oracledb');
const { steps } = require('./script.json');

const [address, user, password, , walletLocation, walletPassword] = process.argv.slice(2);
const LONG = 200;
const TYPES = {
  NUMBER: oracledb.NUMBER,
  VARCHAR2: oracledb.STRING,
  DATE: oracledb.DB_TYPE_DATE,
  RAW: oracledb.BUFFER,
  CLOB: oracledb.CLOB,
  BLOB: oracledb.BLOB,
  CURSOR: oracledb.CURSOR,
  NVARCHAR2: oracledb.DB_TYPE_NVARCHAR,
  TIMESTAMP: oracledb.DB_TYPE_TIMESTAMP,
  'TIMESTAMP WITH TIME ZONE': oracledb.DB_TYPE_TIMESTAMP_TZ,
  'INTERVAL DAY TO SECOND': oracledb.DB_TYPE_INTERVAL_DS,
  BINARY_DOUBLE: oracledb.DB_TYPE_BINARY_DOUBLE,
  BINARY_FLOAT: oracledb.DB_TYPE_BINARY_FLOAT,
  BOOLEAN: oracledb.DB_TYPE_BOOLEAN,
};
const TAGS = { client_identifier: 'clientId', module: 'module', action: 'action', client_info: 'clientInfo' };
const OUT_SIZE = 4000;
const TEXT_SIZE = 40; // of an array's
const NUMBER_LENGTH = 'ORA-00000'.length;

const connect = (word = password, service = 'svc') =>
  oracledb.getConnection({
    user,
    password: word,
    connectString: `${address}/${service}`,
    walletLocation,
    walletPassword,
  });

// --- values: to the driver, and to JSON ---

const valueOf = (type, text, times = 1) => {
  if (text === null) return null;
  if (type === 'NUMBER' || type.startsWith('BINARY')) return Number(text);
  if (type === 'BOOLEAN') return text === 'TRUE';
  if (type === 'INTERVAL DAY TO SECOND') {
    const [days, hours, minutes, seconds] = text.split(/[ :]/).map(Number);
    const fseconds = Math.round((seconds % 1) * 1000) * 1000000;
    return new oracledb.IntervalDS({ days, hours, minutes, seconds: Math.floor(seconds), fseconds });
  }
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) return new Date(`${text.replace(' ', 'T')}Z`);
  if (type === 'RAW' || type === 'BLOB') return Buffer.from(text.repeat(times), 'hex');
  return text.repeat(times);
};

const shortened = (text) => (text.length > LONG ? [text.length, text.slice(0, 8), text.slice(-8)] : text);

const numberText = (text) => (text.startsWith('.') ? `0${text}` : text.replace(/^-\./, '-0.'));



// A column's type decides what a value of its is.
const plain = (value, column = {}) => {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.length === 0 ? null : shortened(value.toString('hex').toUpperCase());
  if (value instanceof Date) {
    const text = value.toISOString().replace('T', ' ').replace('Z', '');
    return text.endsWith('.000') ? text.slice(0, -4) : text;
  }
  if (value instanceof oracledb.IntervalDS) {
    const time = [value.hours, value.minutes, value.seconds].map((part) => String(part).padStart(2, '0')).join(':');
    const fraction = value.fseconds ? `.${String(value.fseconds).padStart(9, '0').replace(/0+$/, '')}` : '';
    return `${value.days} ${time}${fraction}`;
  }
  if (value instanceof oracledb.IntervalYM) {
    const sign = value.years < 0 || value.months < 0 ? '-' : '';
    return `${sign}${Math.abs(value.years)}-${String(Math.abs(value.months)).padStart(2, '0')}`;
  }
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return String(value);
  if (column.dbType === oracledb.DB_TYPE_NUMBER) return numberText(value);
  return value === '' ? null : shortened(value);
};

// Of a LOB its length and its first ten characters or bytes.
const located = async (value, column) => {
  if (!(value instanceof oracledb.Lob)) return plain(value, column);
  const start = value.length === 0 ? '' : await value.getData(1, 10);
  return [value.length, typeof start === 'string' ? start : start.toString('hex').toUpperCase()];
};

const fetchAsText = (column) => {
  if (column.dbType === oracledb.DB_TYPE_NUMBER) return { type: oracledb.STRING };
  return undefined;
};

const fetchValues = (column) => {
  if (column.dbType === oracledb.DB_TYPE_CLOB) return { type: oracledb.STRING };
  if (column.dbType === oracledb.DB_TYPE_BLOB) return { type: oracledb.BUFFER };
  return fetchAsText(column);
};

// --- steps ---

class Script {
  async bindOf(bind) {
    const { times, ...only } = bind;
    const [[type, value]] = Object.entries(only);
    if (type === 'OUT') {
      return { dir: oracledb.BIND_OUT, type: TYPES[value], maxSize: value === 'VARCHAR2' || value === 'RAW' ? OUT_SIZE : undefined };
    }
    if (type === 'IN OUT') {
      const [[inner, text]] = Object.entries(value);
      return { dir: oracledb.BIND_INOUT, type: TYPES[inner], val: valueOf(inner, text), maxSize: OUT_SIZE };
    }
    const val = valueOf(type, value, times);
    if (type === 'CLOB' || type === 'BLOB') {
      const lob = await this.connection.createLob(TYPES[type]);
      await new Promise((resolve, reject) => lob.on('error', reject).on('finish', resolve).end(val));
      return { val: lob, type: TYPES[type] };
    }
    return { val, type: TYPES[type] };
  }

  async bindsOf(binds) {
    if (Array.isArray(binds)) return Promise.all(binds.map((bind) => this.bindOf(bind)));
    const named = Object.entries(binds).map(async ([name, bind]) => [name, await this.bindOf(bind)]);
    return Object.fromEntries(await Promise.all(named));
  }

  async outOf(value, bind, returns) {
    if (returns) return value.map((one) => plain(one));
    if (value instanceof oracledb.Lob) return located(value);
    if (bind.OUT !== 'CURSOR') return plain(value);
    const rows = await value.getRows();
    await value.close();
    return rows.map((row) => row.map((one) => plain(one)));
  }

  async sql(step, fetchTypeHandler = fetchValues, toJson = plain) {
    const binds = step.binds ?? [];
    const found = await this.connection.execute(step.sql, await this.bindsOf(binds), { fetchTypeHandler });
    if (found.rows) {
      const rows = [];
      for (const row of found.rows) {
        rows.push(await Promise.all(row.map((value, i) => toJson(value, found.metaData[i]))));
      }
      return rows;
    }
    if (found.outBinds) {
      const returns = /RETURNING/.test(step.sql);
      const outs = binds.filter((bind) => bind.OUT || bind['IN OUT']);
      const values = await Promise.all(found.outBinds.map((value, i) => this.outOf(value, outs[i], returns)));
      return [returns ? found.rowsAffected : 0, values];
    }
    return found.rowsAffected ?? 0;
  }

  rows(step, options) {
    const bindDefs = step.types.map((type) => ({ type: TYPES[type], ...(type === 'VARCHAR2' && { maxSize: TEXT_SIZE }) }));
    const rows = step.rows.map((row) => row.map((value, i) => valueOf(step.types[i], value)));
    return this.connection.executeMany(step.sql, rows, { bindDefs, ...options });
  }

  async run(step) {
    switch (step.do) {
      case undefined:
        return step.rows ? (await this.rows(step)).rowsAffected : this.sql(step);
      case 'version':
        return this.connection.oracleServerVersionString.split('.').slice(0, 2).join('.');
      case 'names':
        return (await this.connection.execute(step.sql)).metaData.map((column) => column.name);
      case 'count':
        return (await this.sql(step)).length;
      case 'locators':
        return this.sql(step, fetchAsText, located);
      case 'batch errors': {
        const found = await this.rows(step, { batchErrors: true });
        return [found.rowsAffected, found.batchErrors.map((error) => [error.offset, error.message.slice(0, NUMBER_LENGTH)])];
      }
      case 'row counts':
        return (await this.rows(step, { dmlRowCounts: true })).dmlRowCounts;
      case 'numbers': {
        const rows = Array.from({ length: step.count }, (_, i) => [step.first + i, `number ${i}`]);
        const bindDefs = [{ type: TYPES.NUMBER }, { type: TYPES.VARCHAR2, maxSize: TEXT_SIZE }];
        return (await this.connection.executeMany(step.sql, rows, { bindDefs })).rowsAffected;
      }
      case 'tags':
        for (const [name, text] of Object.entries(step.tags)) this.connection[TAGS[name]] = text;
        return 'done';
      case 'break':
        this.connection.callTimeout = step.ms;
        try {
          await this.connection.execute(step.sql);
        } finally {
          this.connection.callTimeout = 0;
        }
        return 'done';
      case 'connect':
        this.connection = await connect(step.password, step.service);
        return 'done';
      default:
        await this.connection[step.do]();
        return 'done';
    }
  }
}

const main = async () => {
  const script = new Script();
  script.connection = await connect();
  for (const step of steps) {
    let result;
    if (step.without?.includes('npm')) continue;
    try {
      result = await script.run(step);
    } catch (error) {
      if (!error.code) throw error;
      result = error.code;
    }
    console.log(JSON.stringify([step.name, result]));
  }
  await script.connection.close();
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
