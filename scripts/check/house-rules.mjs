/** Rules of the house that imports do not show: who opens /proc and /sys, who writes to the terminal and ends the process. */
import ts from 'typescript'

/** What only some may do. `allowed` are the files that may; the rest of `src/` may not. */
const rules = [
  {
    name: 'only kernel/ opens /proc and /sys',
    allowed: [/^src\/kernel\//, /\.test\.ts$/],
    // A path in the middle of a sentence is an explanation; one that begins with it is on its way to open(2).
    breaks: (node) => isText(node) && /^\/(proc|sys)\//.test(node.text),
  },
  {
    name: 'only cli/ writes to the terminal or ends the process',
    // A thread that is stranded in a foreign namespace must not do anything more, not even throw.
    allowed: [/^src\/cli\//, /^src\/kernel\/netns\/enter\.ts$/, /\.test\.ts$/],
    breaks: (node) =>
      isMember(node, 'process', ['stdout', 'stderr', 'exit', 'exitCode', 'abort', 'reallyExit']) ||
      isMember(node, 'console', undefined),
  },
]

/** One line for each place in a source that breaks a rule. */
export function houseViolations(path, source) {
  const active = rules.filter((rule) => !rule.allowed.some((pattern) => pattern.test(path)))
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, false)
  const violations = []
  const visit = (node) => {
    for (const rule of active) {
      if (!rule.breaks(node)) continue
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
      violations.push(`${path}:${line + 1}: ${rule.name}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return violations
}

function isText(node) {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node)
}

function isMember(node, object, members) {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return false
  return node.expression.text === object && (members === undefined || members.includes(node.name.text))
}
