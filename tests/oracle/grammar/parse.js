// Reads a JSON list of texts from standard input, and writes a list of what the grammar finds wrong with each: null, or
// line, column and what stands there. A text is one statement or block, without the end mark that SQL*Plus wants.
//
// For speed: of the package only PL/SQL's lexer and parser are loaded, no tree is built, the first fault ends a text, and
// predictions look at what comes without minding who asks (SLL), which refuses at most more.
'use strict';
const fs = require('node:fs');
const { ANTLRInputStream, BailErrorStrategy, CommonTokenStream, Token } = require('antlr4ts');
const { ParseCancellationException } = require('antlr4ts/misc/ParseCancellationException');
const { PredictionMode } = require('antlr4ts/atn/PredictionMode');
const { CaseChangingStream } = require('antlr4ts-sql/dist/src/models/CaseChangingStream');
const { PlSqlLexer } = require('antlr4ts-sql/dist/src/grammar-output/plsql/PlSqlLexer');
const { PlSqlParser } = require('antlr4ts-sql/dist/src/grammar-output/plsql/PlSqlParser');

const SHOWN = 20; // characters of what stands there

function placeOf(text, line, column) {
  return `line ${line}, column ${column + 1}: ${text.split('\n')[line - 1].slice(column, column + SHOWN)}`;
}

function faultOf(text) {
  const lexer = new PlSqlLexer(new CaseChangingStream(new ANTLRInputStream(text), true));
  const parser = new PlSqlParser(new CommonTokenStream(lexer));
  let fault = null;
  lexer.removeErrorListeners();
  lexer.addErrorListener({
    syntaxError: (_recognizer, _symbol, line, column) => { fault ??= placeOf(text, line, column); },
  });
  parser.removeErrorListeners();
  parser.errorHandler = new BailErrorStrategy();
  parser.buildParseTree = false;
  parser.interpreter.setPredictionMode(PredictionMode.SLL);
  let next;
  try {
    parser.unit_statement();
    next = parser.currentToken; // a statement may also end before the text does
  } catch (failure) {
    if (!(failure instanceof ParseCancellationException)) throw failure;
    next = failure.getCause().getOffendingToken();
    fault ??= placeOf(text, next.line, next.charPositionInLine);
  }
  if (next.type !== Token.EOF) fault ??= placeOf(text, next.line, next.charPositionInLine);
  return fault;
}

const texts = JSON.parse(fs.readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map(faultOf)));
