; The size of a number, without a grammar: any term of linear arithmetic will do.
(set-logic LIA)
(synth-fun size ((n Int)) Int)
(declare-var n Int)
(constraint (>= (size n) 0))
(constraint (or (= (size n) n) (= (size n) (- n))))
(check-synth)
