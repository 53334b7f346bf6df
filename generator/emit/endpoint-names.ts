/** Names for the constants of `endpoints.ts`. */

/** Words that cannot name a constant in strict mode, and the names that `endpoints.ts` uses itself. */
const TAKEN = new Set(
  (
    'arguments,as,async,await,break,case,catch,class,const,continue,debugger,default,delete,do,else,enum,eval,export,' +
    'extends,false,finally,for,from,function,get,if,implements,import,in,infinity,instanceof,interface,let,nan,new,null,' +
    'of,package,paths,private,protected,public,return,set,static,super,switch,this,throw,true,try,type,typeof,undefined,' +
    'var,void,while,with,yield'
  ).split(','),
);

/**
 * A distinct camelCase identifier for each operation, in the order given: `repos.get-content` → `reposGetContent`. What
 * would be no identifier gets an underscore: before a digit, after a reserved word; what is taken gets a number.
 */
export function endpointNames(operations: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return operations.map((operation) => {
    const words = operation.split(/[^a-z0-9]+/i).filter((word) => word !== '');
    const camel = words.map((word, index) => (index === 0 ? word : capitalized(word))).join('');
    const base = camel === '' || /^\d/.test(camel) ? `_${camel}` : TAKEN.has(camel.toLowerCase()) ? `${camel}_` : camel;
    let name = base;
    for (let number = 2; used.has(name.toLowerCase()); number++) name = `${base}_${String(number)}`;
    used.add(name.toLowerCase());
    return name;
  });
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
