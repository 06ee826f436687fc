// Which descriptors npm's oracledb makes of connect strings: two lists in JSON, in and out.
'use strict';

const { readFileSync } = require('fs');
const EZConnectResolver = require('oracledb/lib/thin/sqlnet/ezConnectResolver.js');

const read = (text) => (text.trim().startsWith('(') ? text : new EZConnectResolver(text).getResolvedUrl());

console.log(JSON.stringify(JSON.parse(readFileSync(0)).map(read)));
