; The larger of two numbers, said without saying which comes first.
(set-logic LIA)
(synth-fun max2 ((x Int) (y Int)) Int
    ((Number Int) (Test Bool))
    ((Number Int (x y 0 1 (+ Number Number) (- Number Number) (ite Test Number Number)))
     (Test Bool ((<= Number Number) (= Number Number) (not Test) (and Test Test)))))
(declare-var a Int)
(declare-var b Int)
(constraint (= (max2 a b) (max2 b a)))
(constraint (>= (max2 a b) a))
(constraint (or (= (max2 a b) a) (= (max2 a b) b)))
(check-synth)
